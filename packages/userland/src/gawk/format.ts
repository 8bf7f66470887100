import { formatPrintf } from '../coreutils/index.ts';
import { toNumber, type Value } from './value.ts';

/** What printf and sprintf make of a format. @param text how a value that is no number is shown */
export function formatAwk(
  format: string,
  values: readonly Value[],
  text: (v: Value) => string,
): string {
  const args: string[] = [];
  let at = 0;
  for (const m of format.matchAll(/%[-+ #0]*(\*|\d*)(?:\.(\*|\d*))?[hlL]*([a-zA-Z%])/g)) {
    const [, width, precision, kind = ''] = m;
    if (kind === '%') continue;
    for (const star of [width, precision])
      if (star === '*') args.push(String(toNumber(values[at++] ?? 0)));
    const value = values[at++] ?? '';
    args.push(convertFor(kind, value, text));
  }
  const safe = format.replaceAll('\\', '\\\\');
  return formatPrintf(safe.replace(/%(\D*?\d*(?:\.\d*)?)i/g, '%$1d'), args).text;
}

function convertFor(kind: string, value: Value, text: (v: Value) => string): string {
  if ('diouxX'.includes(kind)) return String(BigInt(Math.trunc(toNumber(value)) || 0));
  if ('eEfFgG'.includes(kind)) return String(toNumber(value));
  if (kind === 'c' && typeof value === 'number') return String.fromCodePoint(value);
  return text(value);
}
