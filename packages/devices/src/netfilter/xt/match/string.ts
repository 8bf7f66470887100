import type { StringMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

const A = 0x41;
const Z = 0x5a;

function lower(c: number): number {
  return c >= A && c <= Z ? c + 32 : c;
}

/** Whether `pattern` lies somewhere in `[from, to)` of the IP packet. `string_mt()`, `skb_find_text()` */
export function stringMatcher(m: StringMatch): Matcher {
  const { from, to, icase, invert } = m;
  const pattern = icase ? m.pattern.map(lower) : m.pattern;
  return ({ skb }) => {
    const { buf, nh } = skb;
    const last = Math.min(skb.tail, nh + to) - pattern.length;
    for (let at = nh + from; at <= last; at++) {
      let i = 0;
      while (
        i < pattern.length &&
        (icase ? lower(buf[at + i] as number) : buf[at + i]) === pattern[i]
      )
        i++;
      if (i === pattern.length) return !invert;
    }
    return invert;
  };
}
