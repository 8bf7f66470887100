import { getU32 } from '@labwire/core/bytes';
import type { U32Match } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';

type Test = U32Match['tests'][number];

/** The number that a test's location leads to; undefined outside of the packet. */
function locate(p: XtPacket, test: Test): number | undefined {
  const { buf, nh, tail } = p.skb;
  let at = nh;
  let offset = test.offset;
  if (at + offset + 4 > tail) return undefined;
  let value = getU32(buf, at + offset);
  for (const { op, number } of test.location) {
    if (op === '&') value = (value & number) >>> 0;
    else if (op === '<<') value = number > 31 ? 0 : (value << number) >>> 0;
    else if (op === '>>') value = number > 31 ? 0 : value >>> number;
    else {
      at += value;
      offset = number;
      if (at < nh || at + offset + 4 > tail) return undefined;
      value = getU32(buf, at + offset);
    }
  }
  return value;
}

/** `u32_mt()`: every test must hold. */
export function u32Matcher(m: U32Match): Matcher {
  const holds = (p: XtPacket): boolean => {
    for (const test of m.tests) {
      const value = locate(p, test);
      if (value === undefined || !test.values.some((r) => value >= r.min && value <= r.max))
        return false;
    }
    return true;
  };
  return (p) => holds(p) !== m.invert;
}
