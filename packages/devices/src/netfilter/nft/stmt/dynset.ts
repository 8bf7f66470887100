/** Elements that packets add, refresh and delete. Linux net/netfilter/nft_dynset.c */
import {
  elementName,
  type NftElement,
  type NftExpr,
  type NftInterval,
  type NftSet,
  type NftSetUpdate,
  type NftStmt,
} from '../data/index.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { NFT_BREAK, NFT_CONTINUE } from '../verdict.ts';
import { elementSteps } from './element.ts';

function valueAt(bytes: Uint8Array, at: number, size: number): bigint {
  let v = 0n;
  for (let i = 0; i < size; i++) v = (v << 8n) | BigInt(bytes[at + i] as number);
  return v;
}

function keyOf(set: NftSet, bytes: Uint8Array): NftInterval[] {
  let at = 0;
  return set.key.map(({ bits }) => {
    const size = Math.ceil(bits / 8);
    const v = valueAt(bytes, at, size);
    at += size;
    return { lo: v, hi: v };
  });
}

/** A statement of an element's own, its counts at nought. */
function fresh(s: NftStmt): NftStmt {
  return { ...s };
}

/** What a map gets for a key. */
function dataOf(set: NftSet, data: NftExpr, bytes: Uint8Array): NftExpr {
  const part = set.data?.[0] ?? { type: data.type, bits: data.bits };
  return {
    kind: 'value',
    type: part.type,
    bits: part.bits,
    value: valueAt(bytes, 0, Math.ceil(part.bits / 8)),
  };
}

/** Takes away what has timed out, to make room. */
function collect(set: NftSet, now: number): void {
  for (const [name, e] of set.elements)
    if (e.expires !== undefined && e.expires <= now) set.elements.delete(name);
  set.version++;
}

const NO_LIMIT = 65_535;

/** `nft_dynset_eval()` */
export function setUpdateStep(s: NftSetUpdate, env: CompileEnv): Step {
  const set = env.setOf(s.set);
  const index = env.indexes.of(set);
  const load = env.loader(s.key);
  const own = elementSteps(env);
  const data = s.data === undefined ? undefined : env.loader(s.data);
  const dataBytes = new Uint8Array(data?.size ?? 0);
  const timeout = (s.timeout ?? set.timeout ?? 0) * 1e6;
  const add = (now: number): NftElement | null => {
    if (set.elements.size >= (set.size ?? NO_LIMIT)) collect(set, now);
    if (set.elements.size >= (set.size ?? NO_LIMIT)) return null;
    const key = keyOf(set, index.key);
    const stmts = (s.stmts.length > 0 ? s.stmts : set.stmts).map(fresh);
    const e: NftElement = {
      key,
      stmts,
      ...(s.timeout === undefined ? {} : { timeout: s.timeout }),
      ...(timeout === 0 ? {} : { expires: now + timeout }),
      ...(s.data === undefined ? {} : { data: dataOf(set, s.data, dataBytes) }),
      ...(s.comment === undefined ? {} : { comment: s.comment }),
    };
    set.elements.set(elementName(key), e);
    set.version++;
    return e;
  };
  return (p) => {
    const { now } = p.netns.sim;
    if (!load.bytes(p, index.key, 0)) return NFT_BREAK;
    if (data !== undefined && !data.bytes(p, dataBytes, 0)) return NFT_BREAK;
    let e = index.find(now);
    if (s.op === 'delete') {
      if (e !== null) {
        set.elements.delete(elementName(e.key));
        set.version++;
      }
      return e === null ? NFT_BREAK : NFT_CONTINUE;
    }
    if (e === null) e = add(now);
    else if (s.op === 'update' && timeout !== 0) e.expires = now + timeout;
    return e === null ? NFT_BREAK : own(e, p);
  };
}
