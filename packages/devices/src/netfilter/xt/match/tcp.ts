import { get8 } from '@labwire/core/bytes';
import type { TcpMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';
import { portIn } from './port-range.ts';

const TCP_HLEN = 20;
const OPT_EOL = 0;
const OPT_NOP = 1;

/** `tcp_mt()` */
export function tcpMatcher(m: TcpMatch): Matcher {
  const { sports, dports, flags, option } = m;
  return (p) => {
    if (p.fragOff !== 0) {
      if (p.fragOff === 8) p.hotdrop = true; // a fragment that would overwrite the flags, RFC 1858
      return false;
    }
    if (!p.hasTransport(TCP_HLEN) || !portIn(p.sport, sports) || !portIn(p.dport, dports))
      return false;
    if (flags !== undefined) {
      const got = get8(p.skb.buf, p.thoff + 13) & flags.mask;
      if ((got === flags.comp) === flags.invert) return false;
    }
    return option === undefined || hasOption(p, option.kind) !== option.invert;
  };
}

function hasOption(p: XtPacket, kind: number): boolean {
  const { buf } = p.skb;
  const end = p.thoff + (get8(buf, p.thoff + 12) >>> 4) * 4;
  if (end < p.thoff + TCP_HLEN || end > p.skb.tail) {
    p.hotdrop = true;
    return false;
  }
  for (let at = p.thoff + TCP_HLEN; at < end; ) {
    const k = get8(buf, at);
    if (k === kind) return true;
    at += k === OPT_EOL || k === OPT_NOP ? 1 : get8(buf, at + 1) || 1;
  }
  return false;
}
