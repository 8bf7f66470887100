import type { NftExpr } from '@labwire/devices/netfilter';

/** A constant, or a set of them, as one of another type of the same width. */
export function retyped(e: NftExpr, type: string): NftExpr {
  if (e.kind === 'value' || e.kind === 'range' || e.kind === 'prefix') return { ...e, type };
  if (e.kind !== 'set') return e;
  const key = e.set.key.map((part) => ({ ...part, type }));
  return { ...e, type, set: { ...e.set, key } };
}
