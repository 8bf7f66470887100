import type { SkBuff } from '@labwire/core/skb';

/**
 * The sizes of the fragments that a packet came in, if it can leave in the same: none above `most`, and `length` in all.
 * `ip_do_fragment()` and `ip6_fragment()` of a `frag_list`
 */
export function asItCame(skb: SkBuff, most: number, length: number): readonly number[] | null {
  const sizes = skb.fragSizes;
  if (sizes === null) return null;
  let sum = 0;
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i] as number;
    if (size > most || ((size & 7) !== 0 && i < sizes.length - 1)) return null;
    sum += size;
  }
  return sum === length ? sizes : null;
}
