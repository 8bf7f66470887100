import type { Renaming } from './renaming.ts';
import { cutLine, type Piece, type Rule, WELL_KNOWN } from './rules.ts';

/** A line of a document, ready to be held against lines of a run. */
export interface LinePattern {
  /** One for each stretch between two `...`. */
  readonly stretches: readonly Stretch[];
}

/** What must stand together in a line: names are its capturing groups, in order. */
interface Stretch {
  readonly regExp: RegExp;
  readonly names: readonly { readonly kind: string; readonly text: string }[];
}

const ELLIPSIS = /\.\.\.|…/;

/** Whether a line stands for any number of lines. */
export function isEllipsis(line: string): boolean {
  return line.trim() === '...' || line.trim() === '…';
}

/** Compiles one line of a document. */
export function compileLine(line: string, rules: readonly Rule[]): LinePattern {
  const texts = line.trimEnd().split(ELLIPSIS);
  const last = texts.length - 1;
  return {
    stretches: texts.map((text, i) => compileStretch(cutLine(text, rules), i === 0, i === last)),
  };
}

/** The first stretch stands at the line's start, the last one at its end. */
function compileStretch(pieces: readonly Piece[], isFirst: boolean, isLast: boolean): Stretch {
  const names = pieces.flatMap((p) =>
    p.rule?.kind === undefined ? [] : [{ kind: p.rule.kind, text: p.text.trim() }],
  );
  const source = pieces.map(pieceSource).join('');
  return { regExp: new RegExp(`${isFirst ? '^' : ''}${source}${isLast ? '$' : ''}`, 'g'), names };
}

function pieceSource({ text, rule }: Piece): string {
  if (rule === undefined) return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return rule.kind === undefined ? `(?:${rule.pattern.source})` : `(${rule.pattern.source})`;
}

/** Holds a line of a run against a pattern; names bind in `renaming`. @returns whether they agree */
export function matchLine(pattern: LinePattern, line: string, renaming: Renaming): boolean {
  let at = 0;
  for (const { regExp, names } of pattern.stretches) {
    regExp.lastIndex = at;
    const m = regExp.exec(line);
    if (m === null) return false;
    const bound = names.every(({ kind, text }, i) => {
      const found = (m[i + 1] ?? '').trim();
      return !WELL_KNOWN.has(found) && renaming.bind(kind, text, found);
    });
    if (!bound) return false;
    at = m.index + m[0].length;
  }
  return true;
}
