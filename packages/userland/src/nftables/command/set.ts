/** Sets as commands declare them. src/evaluate.c, set_evaluate() */
import {
  type NfTables,
  type NftElement,
  NftFault,
  type NftInterval,
  type NftKeyPart,
  type NftSet,
  type NftStmt,
  type NftTable,
} from '@labwire/devices/netfilter';
import { evaluate, type RuleContext, statefulElement } from '../evaluate/index.ts';
import { NftError } from '../lex/index.ts';
import type { Ident, Node, SetBlock } from '../parse/index.ts';
import { textExpr } from '../print/index.ts';
import { type DataType, declaredType, type Style } from '../type/index.ts';

/** The elements of an interval set that have a value in common with another, or touch it where such are merged. */
export function overlapping(set: NftSet, e: NftElement): NftElement[] {
  const [own] = e.key;
  if (!set.interval || own === undefined) return [];
  const reach = set.autoMerge ? 1n : 0n;
  const meets = (o: NftElement): boolean =>
    o.key.length === e.key.length &&
    o.key.every((k, i) => {
      const m = e.key[i] as NftInterval;
      return k.lo <= m.hi + reach && m.lo <= k.hi + reach;
    });
  const same = (o: NftElement): boolean =>
    o.key.every((k, i) => k.lo === e.key[i]?.lo && k.hi === e.key[i]?.hi);
  return [...set.elements.values()].filter((o) => o.key.length > 0 && meets(o) && !same(o));
}

/** From the least value of some elements to the greatest. */
export function around(list: readonly NftElement[]): NftInterval {
  const keys = list.flatMap((e) => e.key);
  let [lo, hi] = [keys[0]?.lo ?? 0n, keys[0]?.hi ?? 0n];
  for (const k of keys) {
    if (k.lo < lo) lo = k.lo;
    if (k.hi > hi) hi = k.hi;
  }
  return { lo, hi };
}

/** How many elements a set may have; undefined: any number. */
function sizeOf(b: SetBlock): { readonly size?: number } {
  if (b.size !== undefined) return { size: b.size };
  return b.flags.includes('dynamic') || b.stmts.length > 0 ? { size: DYNAMIC_SIZE } : {};
}

/** Elements of a set that packets fill, where it names no size. */
const DYNAMIC_SIZE = 65_535;

/** Takes a mistake that does not keep nft from looking on. */
type Report = (e: NftError) => void;

/** The types that a set names; undefined if there is no such type, which is reported. */
function typesOf(list: readonly Ident[] | undefined, report: Report): NftKeyPart[] | undefined {
  const unknown = list?.find((t) => declaredType(t.text) === undefined);
  if (unknown !== undefined) report(new NftError(`unknown datatype ${unknown.text}`, unknown.loc));
  if (list === undefined || unknown !== undefined) return undefined;
  return list.map((t) => {
    const type = declaredType(t.text) as DataType;
    if (type.bits === 0 && type.name !== 'verdict')
      throw new NftError('specify either ip or ip6 for address matching', t.loc);
    return { type: type.name, bits: type.name === 'time' ? 64 : type.bits };
  });
}

/** The types of the expression after `typeof`; undefined if it has none, which is reported. */
function typesLike(
  ctx: () => RuleContext,
  style: Style,
  node: Node | undefined,
  report: Report,
): { readonly parts: NftKeyPart[]; readonly text: string } | undefined {
  if (node === undefined) return undefined;
  if (node.k === 'sym' && node.text === 'verdict')
    return { parts: [{ type: 'verdict', bits: 0 }], text: 'verdict' };
  if (node.k === 'sym') {
    report(new NftError("primary expression type 'symbol' lacks typeof serialization", node.loc));
    return undefined;
  }
  const e = evaluate(ctx(), node);
  const flat = e.kind === 'concat' ? e.parts : [e];
  return { parts: flat.map(({ type, bits }) => ({ type, bits })), text: textExpr(e, style) };
}

/** The set that a block declares. @throws NftError if it has no key; @param report takes why */
export function setOf(
  ctx: () => RuleContext,
  style: Style,
  name: string,
  b: SetBlock,
  report: Report,
): NftSet {
  let known = true;
  const note: Report = (e) => {
    known = false;
    report(e);
  };
  const key = typesLike(ctx, style, b.typeof, note);
  const data = typesLike(ctx, style, b.dataTypeof, note);
  const keyParts = key?.parts ?? typesOf(b.type, note);
  const dataParts = data?.parts ?? typesOf(b.dataType, note);
  if (keyParts === undefined || !known)
    throw new NftError('set definition does not specify key', b.loc);
  const flag = (f: string): boolean => b.flags.includes(f);
  return {
    name: name,
    handle: 0,
    anonymous: false,
    key: keyParts,
    ...(key === undefined ? {} : { typeof: key.text }),
    ...(data === undefined ? {} : { typeofData: data.text }),
    ...(dataParts === undefined ? {} : { data: dataParts }),
    ...(b.dataInterval === true ? { dataInterval: true } : {}),
    ...(b.objectType === undefined ? {} : { objectType: b.objectType }),
    constant: flag('constant'),
    interval: flag('interval'),
    dynamic: flag('dynamic') || b.stmts.length > 0,
    hasTimeout: flag('timeout') || b.timeout !== undefined,
    ...(b.timeout === undefined ? {} : { timeout: b.timeout }),
    ...(b.gcInterval === undefined ? {} : { gcInterval: b.gcInterval }),
    ...sizeOf(b),
    ...(b.policy === undefined ? {} : { policy: b.policy }),
    autoMerge: b.autoMerge === true,
    ...(b.comment === undefined ? {} : { comment: b.comment }),
    stmts: b.stmts.map(statefulElement),
    elements: new Map(),
    version: 0,
  };
}

/** Meters make the sets that they count in. */
export function addMeters(nf: NfTables, t: NftTable, stmts: readonly NftStmt[]): void {
  for (const s of stmts) {
    if (s.kind !== 'set' || s.meter === undefined) continue;
    if (t.sets.has(s.set.name)) throw new NftFault('EEXIST');
    const parts: NftKeyPart[] =
      s.key.kind === 'concat'
        ? s.key.parts.map(({ type, bits }) => ({ type, bits }))
        : [{ type: s.key.type, bits: s.key.bits }];
    nf.addSet(
      t,
      {
        name: s.set.name,
        handle: 0,
        anonymous: false,
        meter: true,
        key: parts,
        constant: false,
        interval: false,
        dynamic: true,
        hasTimeout: s.timeout !== undefined,
        ...(s.meter.size === undefined ? {} : { size: s.meter.size }),
        autoMerge: false,
        stmts: [],
        elements: new Map(),
        version: 0,
      },
      true,
    );
  }
}
