/** Where text comes from, and where in it something stands. include/nftables.h, `struct location` */

/** A text that is parsed: the command line, or a file by name. */
export interface Source {
  /** undefined: the command line. */
  readonly file: string | undefined;
  readonly text: string;
  /** Where it is included. */
  readonly from?: Loc;
}

/** A piece of a source: offsets of its first character and behind its last. */
export interface Loc {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** From the start of one to the end of another. */
export function span(a: Loc, b: Loc): Loc {
  return { source: a.source, from: a.from, to: Math.max(a.to, b.to) };
}

/** The line (from 1) and column (from 1) of an offset. */
function position(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: at - start + 1 };
}

/** An error at a place; further places are underlined with tildes. */
export class NftError extends Error {
  readonly at: readonly Loc[];

  constructor(message: string, ...at: readonly Loc[]) {
    super(message);
    this.at = at;
  }
}

/** The text of an error: message, line and marks under it. `erec_print()` */
export function formatError(e: NftError): string {
  const [loc] = e.at;
  if (loc === undefined)
    return e.message.startsWith('netlink: ') ? `${e.message}\n` : `Error: ${e.message}\n`;
  const { source } = loc;
  const first = position(source.text, loc.from);
  const last = position(source.text, Math.max(loc.from, loc.to - 1));
  // of a command line only the first line is shown
  const line = source.text.split('\n')[source.file === undefined ? 0 : first.line - 1] ?? '';
  const where =
    source.file === undefined
      ? ''
      : `${source.file}:${first.line}:${first.column}-${last.column}: `;
  return `${includedFrom(source)}${where}Error: ${e.message}\n${line}\n${marks(line, e.at)}\n`;
}

/** A line that says where a file is included. */
function includedFrom({ from }: Source): string {
  if (from === undefined) return '';
  const { line, column } = position(from.source.text, from.from);
  const end = position(from.source.text, from.to - 1).column;
  return `In file included from ${from.source.file ?? 'buffer'}:${line}:${column}-${end}:\n`;
}

function marks(line: string, at: readonly Loc[]): string {
  const out: string[] = [...line].map((c) => (c === '\t' ? '\t' : ' '));
  let end = 0;
  for (let i = at.length - 1; i >= 0; i--) {
    const loc = at[i] as Loc;
    const first = position(loc.source.text, loc.from).column;
    const last = position(loc.source.text, Math.max(loc.from, loc.to - 1)).column;
    for (let c = first; c <= last; c++) {
      while (out.length < c) out.push(' ');
      out[c - 1] = i > 0 ? '~' : '^';
    }
    end = Math.max(end, last);
  }
  return out.slice(0, end).join('');
}
