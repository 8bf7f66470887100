import type { ParsedScript } from './ast.ts';
import type { Source } from './source.ts';

/** A text that is no shell program. */
export interface SyntaxProblem {
  /** Lines to print, each to be preceded by the shell's prefix and its line number. */
  readonly messages: readonly { readonly line: number; readonly text: string }[];
  /** Where the line begins in which it is: what stands before is run all the same. */
  readonly lineStart: number;
}

const QUOTES: Readonly<Record<string, string>> = {
  'unterminated double quote': '"',
  'unterminated single quote': "'",
  'unterminated ANSI-C quote': "'",
  'unterminated backtick': '`',
  'unterminated command substitution': ')',
  'unterminated parameter expansion': '}',
  'unterminated extended glob': ')',
  'unterminated arithmetic command': ')',
};

/** What bash says of the first syntax error of a text; undefined if there is none. */
export function syntaxProblem(script: ParsedScript, source: Source): SyntaxProblem | undefined {
  const error = script.errors?.[0];
  if (error === undefined) return undefined;
  const lineStart = source.lineStart(Math.min(error.pos, source.text.trimEnd().length));
  const quote = QUOTES[error.message];
  if (quote !== undefined) {
    const line =
      source.lineAt(error.pos) + (error.message.endsWith('command substitution') ? 1 : 0);
    return {
      messages: [{ line, text: `unexpected EOF while looking for matching \`${quote}'` }],
      lineStart,
    };
  }
  const found =
    error.pos >= source.text.trimEnd().length || reachesEnd(script, source)
      ? undefined
      : tokenAt(source.text, error.pos);
  if (found === undefined) {
    const line = source.lineAt(source.text.length) + 1;
    return { messages: [{ line, text: 'syntax error: unexpected end of file' }], lineStart };
  }
  const line = source.lineAt(error.pos);
  const text = `syntax error near unexpected token \`${found}'`;
  return {
    messages: [
      { line, text },
      { line, text: `\`${source.lineText(error.pos)}'` },
    ],
    lineStart,
  };
}

/** Whether something is left open that ends with the text: `f() {` has an empty body only because nothing follows. */
function reachesEnd(script: ParsedScript, source: Source): boolean {
  const end = source.text.trimEnd().length;
  return script.errors?.some((e) => e.message.startsWith('expected') && e.pos >= end) === true;
}

function tokenAt(text: string, pos: number): string | undefined {
  const rest = text.slice(pos).replace(/^[ \t]*(?:;(?!;))?[ \t]*(?=\w)|^[ \t]+/, '');
  if (rest.startsWith('\n')) return 'newline';
  return /^(?:;;&|;;|;&|&&|\|\||\|&|<<<|<<-|<<|>>|>&|<&|&>|[;&|()<>]|[^\s;&|()<>]+)/.exec(
    rest,
  )?.[0];
}

/** Whether a text goes on in a next line: an open quote or compound, a here-document, a trailing backslash. */
export function isIncomplete(text: string, script: ParsedScript): boolean {
  if (/(^|[^\\])(\\\\)*\\\n?$/.test(text)) return true;
  const end = text.trimEnd().length;
  const isOpen = (e: { message: string; pos: number }): boolean =>
    e.pos >= end || Object.hasOwn(QUOTES, e.message);
  if (script.errors?.some(isOpen) === true) return true;
  return hasOpenHereDoc(script);
}

/** The parser reports no error for a here-document whose end is missing: look for one in the tree. */
function hasOpenHereDoc(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if ('type' in node && node.type === 'HereDoc')
    return (node as { closing?: unknown }).closing === undefined;
  return Object.values(node).some(hasOpenHereDoc);
}
