import { get8, get48 } from '@labwire/core/bytes';
import { IPPROTO_NONE } from '@labwire/core/wire';
import type { MhMatch } from '../../match.ts';
import type { Matcher } from '../../packet.ts';

/** `mh_mt6()` */
export function mhMatcher(m: MhMatch): Matcher {
  const { types, invert } = m;
  return (p) => {
    if (!p.hasTransport(6)) return false;
    const { buf } = p.skb;
    if (get8(buf, p.thoff) !== IPPROTO_NONE) {
      p.hotdrop = true; // nothing may follow a mobility header
      return false;
    }
    const type = get8(buf, p.thoff + 2);
    return (type >= types.min && type <= types.max) !== invert;
  };
}

/** `eui64_mt6()`: the lower half of the source is the MAC address with ff:fe in its middle and one bit turned. */
export function eui64Matcher(): Matcher {
  return (p) => {
    const { skb } = p;
    if (skb.mac < 0 || p.saddr6 === null) return false;
    const mac = get48(skb.buf, skb.mac + 6);
    const high = Math.floor(mac / 0x100_0000);
    const low = mac % 0x100_0000;
    const w2 = ((high ^ 0x02_0000) << 8) | 0xff;
    return p.saddr6.w2 === w2 && p.saddr6.w3 === (0xfe00_0000 | low | 0);
  };
}
