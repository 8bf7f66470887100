import { getIpv6, type Ipv6Addr, sameIpv6 } from '@labwire/core/addr';
import { get8, get16, getU32 } from '@labwire/core/bytes';
import {
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ROUTING,
} from '@labwire/core/wire';
import type { FragMatch, Ipv6OptsMatch, RtMatch, SpiMatch } from '../../match.ts';
import type { Matcher, XtPacket } from '../../packet.ts';
import { portIn } from '../port-range.ts';
import { extensionBytes, findExtension } from './headers.ts';

type Length = { readonly len: number; readonly invert: boolean } | undefined;

function lengthIs(bytes: number, want: Length): boolean {
  return want === undefined || (bytes === want.len) !== want.invert;
}

/** `ah_mt6()`; a length of 0 stands for any. */
export function ah6Matcher(m: SpiMatch): Matcher {
  const length = m.length?.len === 0 && !m.length.invert ? undefined : m.length;
  return (p) => {
    const at = findExtension(p, IPPROTO_AH);
    if (at < 0) return false;
    const { buf } = p.skb;
    return (
      portIn(getU32(buf, at + 4), m.spis) &&
      lengthIs(extensionBytes(buf, at, IPPROTO_AH), length) &&
      !(m.reserved === true && get16(buf, at + 2) !== 0)
    );
  };
}

/** `frag_mt6()`, which does not look at the length. */
export function fragMatcher(m: FragMatch): Matcher {
  return (p) => {
    const at = findExtension(p, IPPROTO_FRAGMENT);
    if (at < 0) return false;
    const { buf } = p.skb;
    const word = get16(buf, at + 2);
    if (!portIn(getU32(buf, at + 4), m.ids)) return false;
    if (m.reserved && (get8(buf, at + 1) !== 0 || (word & 6) !== 0)) return false;
    if (m.first && (word & 0xfff8) !== 0) return false;
    const more = (word & 1) !== 0;
    return !(m.more && !more) && !(m.last && more);
  };
}

/** `hbh_mt6()` */
export function optionsMatcher(m: Ipv6OptsMatch): Matcher {
  const protocol = m.kind === 'hbh' ? IPPROTO_HOPOPTS : IPPROTO_DSTOPTS;
  return (p) => {
    const at = findExtension(p, protocol);
    if (at < 0) return false;
    const bytes = extensionBytes(p.skb.buf, at, protocol);
    return lengthIs(bytes, m.length) && optionsAre(p.skb.buf, at + 2, at + bytes, m.options);
  };
}

/** Whether options come in this order from the first one on. */
function optionsAre(
  buf: Uint8Array,
  from: number,
  end: number,
  wanted: Ipv6OptsMatch['options'],
): boolean {
  let at = from;
  for (let i = 0; i < wanted.length; i++) {
    const want = wanted[i] as Ipv6OptsMatch['options'][number];
    if (at >= end || get8(buf, at) !== want.type) return false;
    if (want.type === 0) {
      at++; // Pad1 has no length
      continue;
    }
    if (at + 1 >= end) return false;
    const len = get8(buf, at + 1);
    if (want.len !== undefined && want.len !== len) return false;
    at += len + 2;
  }
  return true;
}

/** `rt_mt6()` */
export function rtMatcher(m: RtMatch): Matcher {
  const addrs = (m.addrs ?? []) as readonly Ipv6Addr[];
  return (p) => {
    const at = findExtension(p, IPPROTO_ROUTING);
    if (at < 0) return false;
    const { buf } = p.skb;
    const bytes = extensionBytes(buf, at, IPPROTO_ROUTING);
    if (!portIn(get8(buf, at + 3), m.segsleft) || !lengthIs(bytes, m.length)) return false;
    if (m.type !== undefined && (get8(buf, at + 2) === m.type.num) === m.type.invert) return false;
    if (m.reserved && getU32(buf, at + 4) !== 0) return false;
    return m.addrs === undefined || passesBy(p, at + 8, (bytes - 8) >> 4, addrs, m.notStrict);
  };
}

/** Whether the addresses of a routing header are these, or these with others between. */
function passesBy(
  p: XtPacket,
  from: number,
  count: number,
  wanted: readonly Ipv6Addr[],
  notStrict: boolean,
): boolean {
  if (wanted.length > count) return false;
  if (!notStrict && wanted.length !== count) return false;
  let next = 0;
  for (let i = 0; i < count && next < wanted.length; i++) {
    if (sameIpv6(getIpv6(p.skb.buf, from + i * 16), wanted[next] as Ipv6Addr)) next++;
    else if (!notStrict) return false;
  }
  return next === wanted.length;
}
