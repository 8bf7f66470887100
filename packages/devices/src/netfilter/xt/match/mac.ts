import { get48 } from '@labwire/core/bytes';
import type { MacMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** `mac_mt()`: only packets that came in by an Ethernet device have a source. */
export function macMatcher(m: MacMatch): Matcher {
  const { source, invert } = m;
  return ({ skb, indev }) => {
    if (indev === null || indev.arphrd !== 1 || skb.mac < 0) return false;
    return (get48(skb.buf, skb.mac + 6) === source) !== invert;
  };
}
