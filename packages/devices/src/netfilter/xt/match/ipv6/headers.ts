import { get8 } from '@labwire/core/bytes';
import {
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_ESP,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_NONE,
  IPPROTO_ROUTING,
  IPV6_HLEN,
  Ipv6Off,
} from '@labwire/core/wire';
import type { Matcher, XtPacket } from '../../packet.ts';

/** Bytes of an extension header at `off`. `ipv6_optlen()`, `ipv6_authlen()` */
export function extensionBytes(buf: Uint8Array, off: number, protocol: number): number {
  if (protocol === IPPROTO_FRAGMENT) return 8;
  const len = get8(buf, off + 1);
  return protocol === IPPROTO_AH ? (len + 2) * 4 : (len + 1) * 8;
}

function isExtension(protocol: number): boolean {
  return (
    protocol === IPPROTO_HOPOPTS ||
    protocol === IPPROTO_ROUTING ||
    protocol === IPPROTO_FRAGMENT ||
    protocol === IPPROTO_DSTOPTS ||
    protocol === IPPROTO_AH
  );
}

/** Where the first extension header of a protocol is; -1 if the packet has none. `ipv6_find_hdr()` */
export function findExtension(p: XtPacket, wanted: number): number {
  const { buf, nh, tail } = p.skb;
  let protocol = get8(buf, nh + Ipv6Off.nextHeader);
  let off = nh + IPV6_HLEN;
  while (isExtension(protocol) && off + 8 <= tail) {
    const bytes = extensionBytes(buf, off, protocol);
    if (protocol === wanted) return off + bytes <= tail ? off : -1;
    protocol = get8(buf, off);
    off += bytes;
  }
  return -1;
}

/** Bits of headers as `-m ipv6header` counts them. MASK_* */
const BITS: Readonly<Record<number, number>> = {
  [IPPROTO_HOPOPTS]: 0x80,
  [IPPROTO_DSTOPTS]: 0x40,
  [IPPROTO_ROUTING]: 0x20,
  [IPPROTO_FRAGMENT]: 0x10,
  [IPPROTO_AH]: 0x08,
};
const BIT_ESP = 0x04;
const BIT_NONE = 0x02;
const BIT_PROTO = 0x01;

function headerBits(p: XtPacket): number {
  const { buf, nh, tail } = p.skb;
  let protocol = get8(buf, nh + Ipv6Off.nextHeader);
  let off = nh + IPV6_HLEN;
  let bits = 0;
  while (isExtension(protocol) && off + 8 <= tail) {
    bits |= BITS[protocol] as number;
    const next = get8(buf, off);
    off += extensionBytes(buf, off, protocol);
    protocol = next;
  }
  if (protocol === IPPROTO_ESP) return bits | BIT_ESP;
  return bits | (protocol === IPPROTO_NONE ? BIT_NONE : BIT_PROTO);
}

/** `ipv6header_mt6()` */
export function ipv6headerMatcher(m: {
  readonly headers: number;
  readonly soft: boolean;
  readonly invert: boolean;
}): Matcher {
  const { headers, soft, invert } = m;
  return (p) => {
    const bits = headerBits(p);
    if (soft) return ((bits ^ headers ^ (invert ? 0xff : 0)) & headers) === 0;
    return (bits === headers) !== invert;
  };
}
