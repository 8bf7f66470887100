import type { MarkMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** `mark_mt()`; `connmark` is in conntrack's file. */
export function markMatcher(m: MarkMatch): Matcher {
  const { value, mask, invert } = m;
  return (p) => ((p.skb.mark & mask) >>> 0 === value) !== invert;
}
