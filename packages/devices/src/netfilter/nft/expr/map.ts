/** Maps. Linux net/netfilter/nft_lookup.c */
import type { NftElement, NftExpr, NftMap } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import type { CompileEnv } from './env.ts';
import { BREAK, bytesOf, type Loader, NUMBER_BITS } from './loader.ts';

/** Finds the element for a packet's key; null if there is none. */
export type Finder = (p: NftPacket) => NftElement | null;

/** Makes the function that looks a key up in a set or map, and lets the element's statements run. */
export function elementFinder(
  key: NftExpr,
  set: Extract<NftExpr, { kind: 'set' | 'setref' }>,
  env: CompileEnv,
): Finder {
  const load = env.loader(key);
  const index = env.indexes.of(env.setOf(set));
  return (p) => (load.bytes(p, index.key, 0) ? index.find(p.netns.sim.now) : null);
}

/** The bytes of what elements have, made once for each. */
class DataBytes {
  readonly #of = new WeakMap<NftElement, Uint8Array>();

  of(e: NftElement): Uint8Array {
    let bytes = this.#of.get(e);
    if (bytes === undefined) {
      bytes = flat(e.data);
      this.#of.set(e, bytes);
    }
    return bytes;
  }
}

function flat(e: NftExpr | undefined): Uint8Array {
  if (e === undefined) return new Uint8Array(0);
  if (e.kind === 'value' || e.kind === 'prefix') return bytesOf(e.value, e.bits);
  if (e.kind === 'range') return bytesOf(e.from, e.bits);
  if (e.kind !== 'concat') return new Uint8Array(0);
  const parts = e.parts.map(flat);
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** What a map has for a packet's key. `nft_lookup_eval()` */
export function mapLoader(e: NftMap, env: CompileEnv): Loader {
  const find = elementFinder(e.key, e.map, env);
  const parts = env.setOf(e.map).data ?? [];
  const size = parts.reduce((sum, d) => sum + Math.ceil(d.bits / 8), 0);
  const data = new DataBytes();
  const number = (p: NftPacket): number => {
    const found = find(p);
    return found?.data?.kind === 'value' ? numberOf(data.of(found)) : BREAK;
  };
  return {
    bits: size * 8,
    size,
    number: size * 8 <= NUMBER_BITS ? number : undefined,
    bytes: (p, to, at) => {
      const found = find(p);
      if (found === null) return false;
      to.set(data.of(found), at);
      return true;
    },
  };
}

function numberOf(bytes: Uint8Array): number {
  let v = 0;
  for (let i = 0; i < bytes.length; i++) v = v * 256 + (bytes[i] as number);
  return v;
}
