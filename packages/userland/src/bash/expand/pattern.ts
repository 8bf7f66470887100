/** A piece of expanded text; in a quoted one no character means more than itself. */
export interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
  word: 'a-zA-Z0-9_',
};

/** A pattern's characters, each with whether it was quoted. */
interface Chars {
  readonly text: string;
  readonly quoted: readonly boolean[];
}

function flatten(pieces: readonly Piece[]): Chars {
  let text = '';
  const quoted: boolean[] = [];
  for (const piece of pieces) {
    for (let i = 0; i < piece.text.length; i++) {
      const escapes = !piece.quoted && piece.text[i] === '\\' && i + 1 < piece.text.length;
      if (escapes) i++;
      text += piece.text[i];
      quoted.push(piece.quoted || escapes);
    }
  }
  return { text, quoted };
}

/** Whether a text holds a character that a pattern gives a meaning. */
export function hasGlob(pieces: readonly Piece[]): boolean {
  return pieces.some((p) => !p.quoted && /[*?[]|[@+!]\(/.test(p.text));
}

/** The regular expression, not anchored, that matches what a shell pattern matches. */
export function patternSource(pieces: readonly Piece[]): string {
  return convert(flatten(pieces), 0, '').source;
}

/** A regular expression for the whole of a text. */
export function patternRegExp(pieces: readonly Piece[], flags = ''): RegExp {
  return new RegExp(`^(?:${patternSource(pieces)})$`, `s${flags}`);
}

/** Makes a character stand for itself in a regular expression. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function convert(chars: Chars, start: number, until: string): { source: string; end: number } {
  let source = '';
  let i = start;
  while (i < chars.text.length) {
    const c = chars.text[i] as string;
    if (chars.quoted[i] === true) {
      source += escapeRegExp(c);
      i++;
    } else if (until.includes(c)) break;
    else if ('?*+@!'.includes(c) && chars.text[i + 1] === '(' && chars.quoted[i + 1] === false) {
      const group = extendedGlob(chars, i);
      source += group.source;
      i = group.end;
    } else if (c === '[') {
      const set = bracket(chars, i);
      source += set?.source ?? '\\[';
      i = set?.end ?? i + 1;
    } else {
      source += c === '*' ? '.*' : c === '?' ? '.' : escapeRegExp(c);
      i++;
    }
  }
  return { source, end: i };
}

/** `@(a|b)` and its like, at its first character. */
function extendedGlob(chars: Chars, start: number): { source: string; end: number } {
  const operator = chars.text[start] as string;
  const choices: string[] = [];
  let i = start + 2;
  for (;;) {
    const choice = convert(chars, i, '|)');
    choices.push(choice.source);
    i = choice.end + 1;
    if (chars.text[choice.end] !== '|') break;
  }
  const group = `(?:${choices.join('|')})`;
  if (operator === '!') return { source: `(?:(?!${group}$).*)`, end: i };
  return { source: group + (operator === '@' ? '' : operator), end: i };
}

/** `[a-z]`, `[!x]`, `[[:digit:]]` at its bracket; undefined if nothing closes it. */
function bracket(chars: Chars, start: number): { source: string; end: number } | undefined {
  let i = start + 1;
  const negated = (chars.text[i] === '!' || chars.text[i] === '^') && chars.quoted[i] === false;
  if (negated) i++;
  let set = '';
  for (let first = true; i < chars.text.length; first = false) {
    const c = chars.text[i] as string;
    if (c === ']' && !first && chars.quoted[i] === false)
      return { source: set === '' ? '(?!)' : `[${negated ? '^' : ''}${set}]`, end: i + 1 };
    const named = c === '[' ? /^\[:(\w+):\]/.exec(chars.text.slice(i)) : null;
    if (named !== null) {
      set += CLASSES[named[1] as string] ?? '';
      i += named[0].length;
    } else {
      const last = rangeEnd(chars, i);
      // a range that runs backwards holds nothing
      if (last === undefined || c <= last) set += escapeSet(c);
      if (last !== undefined && c <= last) set += `-${escapeSet(last)}`;
      i += last === undefined ? 1 : 3;
    }
  }
  return undefined;
}

/** The last character of a range like `a-z` that begins here; undefined if none does. */
function rangeEnd(chars: Chars, i: number): string | undefined {
  const last = chars.text[i + 2];
  const isRange = chars.text[i + 1] === '-' && chars.quoted[i + 1] === false;
  return isRange && (last !== ']' || chars.quoted[i + 2] === true) ? last : undefined;
}

function escapeSet(c: string): string {
  return /[\\\]^[-]/.test(c) ? `\\${c}` : c;
}
