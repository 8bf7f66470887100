/** Elements of sets and maps, and sets within rules. src/evaluate.c, expr_evaluate_set(); src/intervals.c */
import type {
  NftElement,
  NftExpr,
  NftInterval,
  NftKeyPart,
  NftSet,
  NftSetLiteral,
  NftStmt,
} from '@labwire/devices/netfilter';
import type { Loc } from '../lex/index.ts';
import type { ElementNode, Node, StmtNode } from '../parse/index.ts';
import { dataType, ones } from '../type/index.ts';
import { constantExpr, isConstant, textOfValue } from './constant.ts';
import { fail, type RuleContext, type Want } from './context.ts';
import { anonymousSet, keyParts } from './new-set.ts';

/** The values that a constant stands for. */
export function intervalOf(e: NftExpr): NftInterval {
  switch (e.kind) {
    case 'value':
      return { lo: e.value, hi: e.value };
    case 'range':
      return { lo: e.from, hi: e.to };
    case 'prefix':
      return { lo: e.value, hi: e.value | ones(e.bits - e.len) };
    default:
      return { lo: 0n, hi: 0n };
  }
}

/** The key of an element: an interval per part. */
export function elementKey(
  ctx: RuleContext,
  node: Node,
  parts: readonly NftKeyPart[],
): NftInterval[] {
  if (node.k === 'wild') return [];
  const nodes = node.k === 'concat' ? node.parts : [node];
  if (nodes.length !== parts.length) fail(mismatch(parts, node), node.loc);
  return nodes.map((n, i) => {
    const want = parts[i] as Want;
    if (n.k === 'wild') return { lo: 0n, hi: ones(want.bits) };
    if (!isConstant(n)) fail('Set member is not constant', n.loc);
    return intervalOf(constantExpr(ctx, n, want));
  });
}

function mismatch(parts: readonly NftKeyPart[], node: Node): string {
  const want = parts.map((p) => dataType(p.type).desc).join(' . ');
  const has = node.k === 'concat' ? 'concatenation' : 'integer';
  return `datatype mismatch, expected ${parts.length > 1 ? `concatenation of (${parts.map((p) => dataType(p.type).desc).join(', ')})` : want}, expression has type ${has}`;
}

/** What an element of a map has. */
function elementData(
  ctx: RuleContext,
  node: Node,
  set: Pick<NftSet, 'data' | 'dataInterval'>,
): NftExpr {
  const parts = set.data ?? [];
  if (node.k === 'verdict')
    return {
      kind: 'verdict',
      verdict: node.verdict,
      ...(node.chain === undefined ? {} : { chain: node.chain }),
      type: 'verdict',
      bits: 0,
    };
  if (parts[0]?.type === 'verdict') fail('Could not parse netfilter verdict', node.loc);
  if (node.k === 'concat') {
    const out = node.parts.map((n, i) =>
      constantExpr(ctx, n, (parts[i] ?? { type: 'integer', bits: 32 }) as Want),
    );
    return {
      kind: 'concat',
      parts: out,
      type: 'concat',
      bits: out.reduce((s, e) => s + e.bits, 0),
    };
  }
  return constantExpr(ctx, node, (parts[0] ?? { type: 'integer', bits: 32 }) as Want);
}

/** One element. */
function element(ctx: RuleContext, node: ElementNode, set: NftSet): NftElement {
  const key = elementKey(ctx, node.key, set.key);
  const isMap = set.data !== undefined || set.objectType !== undefined;
  if (isMap && node.data === undefined) fail('element is not a mapping', node.loc);
  if (!isMap && node.data !== undefined) fail('mapping outside of map context', node.key.loc);
  const stmts: NftStmt[] = [...node.stmts.map(statefulElement)];
  const e: NftElement = { key, stmts: stmts.length > 0 ? stmts : set.stmts.map((s) => ({ ...s })) };
  const more = {
    ...(node.timeout === undefined ? {} : { timeout: node.timeout }),
    ...(node.expires === undefined ? {} : { expires: node.expires }),
    ...(node.comment === undefined ? {} : { comment: node.comment }),
  };
  if (node.data === undefined) return { ...e, ...more };
  if (set.objectType !== undefined) {
    const name = constantExpr(ctx, node.data, { type: 'string', bits: 0 });
    return { ...e, ...more, object: textOfValue(name) };
  }
  return { ...e, ...more, data: elementData(ctx, node.data, set) };
}

/** A set in braces, sets within it and variables opened. */
function flat(node: Node): ElementNode[] {
  if (node.k !== 'set') return [{ key: node, loc: node.loc, stmts: [] }];
  return node.elements.flatMap((e) => (e.key.k === 'set' ? flat(e.key) : [e]));
}

/** The elements that a set in braces adds to a set. */
export function elementsOf(
  ctx: RuleContext,
  node: Node,
  set: NftSet,
): { readonly e: NftElement; readonly loc: Loc }[] {
  const got = flat(node).map((n) => ({ e: element(ctx, n, set), loc: n.key.loc }));
  const single = set.key.length === 1;
  if (!set.interval && single) {
    const wide = got.find(({ e }) => e.key.some((k) => k.lo !== k.hi));
    if (wide !== undefined)
      fail(
        "You must add 'flags interval' to your set declaration if you want to add " +
          (isPrefix(wide.e.key[0] as NftInterval, set.key[0]?.bits ?? 0)
            ? 'prefix elements'
            : 'range elements'),
        wide.loc,
      );
  }
  if (!set.interval || !single) return got;
  return set.data === undefined && (set.autoMerge || set.anonymous) ? merge(got) : checked(got);
}

/** Whether an interval is a network. */
export function isPrefix({ lo, hi }: NftInterval, bits: number): boolean {
  const size = hi - lo + 1n;
  return (size & (size - 1n)) === 0n && lo % size === 0n && bits > 0;
}

type Placed = { readonly e: NftElement; readonly loc: Loc };

function byStart(a: Placed, b: Placed): number {
  const [x, y] = [a.e.key[0]?.lo, b.e.key[0]?.lo];
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Intervals that touch become one. `setelem_automerge()` */
function merge(list: readonly Placed[]): Placed[] {
  const out: Placed[] = [];
  for (const p of [...list].sort(byStart)) {
    const last = out.at(-1);
    const [a, b] = [last?.e.key[0], p.e.key[0]];
    if (last !== undefined && a !== undefined && b !== undefined && b.lo <= a.hi + 1n) {
      if (b.hi > a.hi)
        out[out.length - 1] = { ...last, e: { ...last.e, key: [{ lo: a.lo, hi: b.hi }] } };
    } else out.push(p);
  }
  return out;
}

/** @throws NftError if intervals overlap. `setelem_overlap()` */
function checked(list: readonly Placed[]): Placed[] {
  const sorted = [...list].sort(byStart);
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1] as Placed, sorted[i] as Placed];
    const [x, y] = [a.e.key[0], b.e.key[0]];
    if (x !== undefined && y !== undefined && y.lo <= x.hi && !(x.lo === y.lo && x.hi === y.hi))
      fail('conflicting intervals specified', b.loc, a.loc);
  }
  return sorted;
}

/** A set within a rule. */
export function setLiteral(
  ctx: RuleContext,
  node: Node,
  key: readonly NftKeyPart[],
): NftSetLiteral {
  const parts = key;
  const raw = flat(node);
  const empty = anonymousSet(parts, []);
  const keys = raw.map((n) => elementKey(ctx, n.key, parts));
  const interval = keys.some((k) => k.some((x) => x.lo !== x.hi));
  const shape: NftSet = { ...empty.set, interval };
  const elements = elementsOf(ctx, node, shape).map(({ e }) => e);
  return anonymousSet(parts, elements, { interval });
}

/** A map within a rule. @param want what it must yield; undefined: verdicts */
export function mapLiteral(
  ctx: RuleContext,
  node: Node,
  key: NftExpr,
  want: readonly Want[] | undefined,
): NftSetLiteral {
  const parts = keyParts(key);
  const raw = flat(node);
  const keys = raw.map((n) => elementKey(ctx, n.key, parts));
  const interval = keys.some((k) => k.some((x) => x.lo !== x.hi));
  const first = raw[0]?.data;
  let data: readonly NftKeyPart[] = want ?? [{ type: 'verdict', bits: 0 }];
  if (first?.k === 'concat' && data.length < first.parts.length)
    data = [...data, { type: 'inet_service', bits: 16 }];
  const shape: NftSet = { ...anonymousSet(parts, []).set, interval, data };
  const elements = elementsOf(ctx, node, shape).map(({ e }) => e);
  const dataInterval = elements.some((e) => e.data?.kind === 'range' || e.data?.kind === 'prefix');
  return anonymousSet(parts, elements, {
    interval,
    data,
    ...(dataInterval ? { dataInterval } : {}),
  });
}

/** A map of objects within a rule. */
export function objectMapLiteral(
  ctx: RuleContext,
  node: Node,
  key: NftExpr,
  objectType: NonNullable<NftSet['objectType']>,
): NftSetLiteral {
  const parts = keyParts(key);
  const keys = flat(node).map((n) => elementKey(ctx, n.key, parts));
  const interval = keys.some((k) => k.some((x) => x.lo !== x.hi));
  const shape: NftSet = { ...anonymousSet(parts, []).set, interval, objectType };
  const elements = elementsOf(ctx, node, shape).map(({ e }) => e);
  return anonymousSet(parts, elements, { interval, objectType });
}

/** The statement that an element has of its own. @throws NftError for one that names an object */
export function statefulElement(s: StmtNode): NftStmt {
  if (s.s !== 'plain') fail('only counter, limit, quota and ct count stand at an element', s.loc);
  return { ...s.stmt };
}
