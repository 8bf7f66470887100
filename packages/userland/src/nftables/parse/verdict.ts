/** Verdicts. src/parser_bison.y, verdict_expr */
import { NftError } from '../lex/index.ts';
import type { Node, Tokens } from '../syntax/index.ts';

const VERDICTS = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'] as const;

/** Whether a verdict comes. */
export function isVerdict(p: Tokens): boolean {
  return p.at(...VERDICTS);
}

/** A verdict. */
export function verdictExpr(p: Tokens): Node {
  const t = p.next();
  const verdict = t.text as (typeof VERDICTS)[number];
  if (verdict !== 'jump' && verdict !== 'goto') return { k: 'verdict', verdict, loc: t.loc };
  if (p.at('{'))
    throw new NftError(
      `Labwire has no chains within rules (${verdict} { … }); add a chain and name it`,
      t.loc,
    );
  if (!p.at('$') && p.peek().kind !== 'string') p.fail("'{'");
  const chainLoc = p.peek().loc;
  const chain = p.at('$') ? variableName(p) : p.identifier().text;
  return { k: 'verdict', verdict, chain, chainLoc, loc: p.since(t.loc) };
}

function variableName(p: Tokens): string {
  const v = p.variable();
  if (v.k !== 'sym') throw new NftError(`not a chain`, v.loc);
  return v.text;
}
