import { VirtInstallError } from './virt-install-error.ts';

/** Splits at commas that no quotes hold, as Python's shlex does. */
function splitWords(text: string): string[] {
  const words = [''];
  let quote = '';
  for (const c of text) {
    if (quote === '' && c === ',') words.push('');
    else if (quote === '' && (c === '"' || c === "'")) quote = c;
    else if (c === quote) quote = '';
    else words[words.length - 1] += c;
  }
  return words.filter((w) => w !== '');
}

/** Reads `a,b=c`. @param first what a first word without `=` is for. virtinst/cli.py, VirtCLIParser */
export function parseSuboptions(text: string, first: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const [i, word] of splitWords(text).entries()) {
    const equals = word.indexOf('=');
    if (equals < 0 && i === 0) out.set(first, word);
    else if (equals < 0) out.set(word, 'yes');
    else out.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return out;
}

/** Refuses options that are not known. @throws VirtInstallError */
export function checkSuboptions(
  option: string,
  given: ReadonlyMap<string, string>,
  known: readonly string[],
): void {
  const unknown = [...given.keys()].filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new VirtInstallError(
      `Unknown --${option} options: [${unknown.map((u) => `'${u}'`).join(', ')}]`,
    );
}

/** A number, in Python's words if it is none. @throws VirtInstallError */
export function readInt(option: string, text: string, value: string): number {
  if (/^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  throw new VirtInstallError(
    `Error: --${option} ${text}: invalid literal for int() with base 10: '${value}'`,
  );
}
