/** What rules and elements refer to. Linux net/netfilter/nf_tables_api.c, the `use` counts. */
import type { NftChain, NftExpr, NftSet, NftStmt, NftTable, NftVerdict } from '../data/index.ts';

/** Calls back for every expression of a statement, those within others too. */
export function walkStmt(s: NftStmt, visit: (e: NftExpr) => void): void {
  const walk = (e: NftExpr | undefined): void => {
    if (e === undefined) return;
    visit(e);
    if (e.kind === 'concat') for (const p of e.parts) walk(p);
    else if (e.kind === 'binop') [e.left, e.right].forEach(walk);
    else if (e.kind === 'map') [e.key, e.map].forEach(walk);
    else if (e.kind === 'hash') walk(e.of);
    else if (e.kind === 'set') for (const el of e.set.elements.values()) walk(el.data);
  };
  for (const v of Object.values(s) as unknown[]) {
    if (typeof v === 'object' && v !== null && 'kind' in v && 'type' in v && 'bits' in v)
      walk(v as NftExpr);
  }
  if (s.kind === 'set') for (const inner of s.stmts) walkStmt(inner, visit);
}

/** Every expression of a table's rules and of its sets' elements. */
export function walkTable(t: NftTable, visit: (e: NftExpr) => void): void {
  for (const c of t.chains.values())
    for (const r of c.rules) for (const s of r.stmts) walkStmt(s, visit);
  for (const set of t.sets.values())
    for (const el of set.elements.values()) if (el.data !== undefined) visit(el.data);
}

/** The verdicts that lead to a chain. */
export function jumpsTo(t: NftTable, name: string): NftVerdict[] {
  const found: NftVerdict[] = [];
  walkTable(t, (e) => {
    if (e.kind === 'verdict' && e.chain === name) found.push(e);
  });
  return found;
}

/** Whether something jumps to a chain. */
export function chainInUse(t: NftTable, c: NftChain): boolean {
  let used = false;
  walkTable(t, (e) => {
    if (e.kind === 'verdict' && e.chain === c.name) used = true;
  });
  return used;
}

/** Whether a rule asks a set. */
export function setInUse(t: NftTable, set: NftSet): boolean {
  let used = false;
  walkTable(t, (e) => {
    if (e.kind === 'setref' && e.name === set.name) used = true;
  });
  return used;
}

/** Whether a rule or an element names an object. */
export function objectInUse(t: NftTable, type: string, name: string): boolean {
  for (const set of t.sets.values())
    if (set.objectType === type)
      for (const e of set.elements.values()) if (e.object === name) return true;
  for (const c of t.chains.values())
    for (const r of c.rules)
      for (const s of r.stmts)
        if (
          s.kind === 'objref' &&
          s.type === type &&
          s.object.kind === 'value' &&
          textOf(s.object.value) === name
        )
          return true;
  return false;
}

/** A string kept as an expression's value: its bytes, filled up with zeros on the right. */
export function textOf(value: bigint): string {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  let out = '';
  for (let i = 0; i < hex.length; i += 2) {
    const c = Number.parseInt(hex.slice(i, i + 2), 16);
    if (c !== 0) out += String.fromCharCode(c);
  }
  return out;
}
