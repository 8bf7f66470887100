import type { LimitMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** A unit of {@link LimitMatch.avg} in Nanos. XT_LIMIT_SCALE is 10000 a second. */
const UNIT = 100_000;

/** `limit_mt()`: a bucket of `burst` packets that fills at the rate. */
export function limitMatcher(m: LimitMatch): Matcher {
  const cost = m.avg * UNIT;
  const cap = cost * m.burst;
  let credit = cap;
  let last = -1;
  return (p) => {
    const { now } = p.netns.sim;
    if (last < 0) last = now;
    credit = Math.min(cap, credit + now - last);
    last = now;
    if (credit < cost) return false;
    credit -= cost;
    return true;
  };
}
