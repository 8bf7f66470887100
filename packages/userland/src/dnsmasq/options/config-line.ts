import { OptionError } from '../fatal.ts';
import { hideMeta } from './option-text.ts';

/** What a backslash and a letter stand for between quotes; another letter stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  b: '\b',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
};

/** One quoted text from its opening quote on. @returns its hidden characters and where it ends @throws OptionError */
function quoted(line: string, from: number): { readonly text: string; readonly end: number } {
  let text = '';
  for (let i = from + 1; i < line.length; i++) {
    const c = line[i] as string;
    if (c === '"') return { text, end: i + 1 };
    const escaped = c === '\\' ? ESCAPES[line[i + 1] ?? ''] : undefined;
    if (escaped !== undefined) i++;
    text += hideMeta(escaped ?? c);
  }
  throw new OptionError('missing "');
}

/** A line of a configuration file without its comment and the blanks at its ends, quoted characters hidden. dnsmasq src/option.c, read_file() */
export function readConfigLine(line: string): string {
  let out = '';
  let blank = true;
  for (let i = 0; i < line.length; i++) {
    let c = line[i] as string;
    while (c === '"') {
      const { text, end } = quoted(line, i);
      out += text;
      i = end;
      if (text !== '') blank = false;
      c = line[i] ?? '';
    }
    if (c === '#' && blank) break;
    blank = /\s/.test(c);
    out += blank ? ' ' : c;
  }
  return out.replace(/^ +| +$/g, '');
}

/** A line `name = argument`; the argument is undefined without a `=`. */
export function cutConfigLine(text: string): {
  readonly name: string;
  readonly arg: string | undefined;
} {
  const at = text.indexOf('=');
  if (at < 0) return { name: text, arg: undefined };
  return {
    name: text.slice(0, at).replace(/[ =]+$/, ''),
    arg: text.slice(at + 1).replace(/^ +/, ''),
  };
}
