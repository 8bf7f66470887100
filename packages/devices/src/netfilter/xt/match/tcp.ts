import { get8 } from '@labwire/core/bytes';
import type { TcpMatch } from '../match.ts';
import type { Matcher, XtPacket } from '../packet.ts';
import { nativePortsIn, portIn } from './port-range.ts';

const TCP_HLEN = 20;
/** Where the byte of flags is. */
const TCP_FLAGS = 13;
const OPT_EOL = 0;
const OPT_NOP = 1;

/** `tcp_mt()`; ports and flags nf_tables reads itself unless an option is asked for, too. */
export function tcpMatcher(m: TcpMatch): Matcher {
  const { sports, dports, flags, option } = m;
  const native = sports !== undefined || dports !== undefined || flags !== undefined;
  if (option === undefined && native) {
    const ports = nativePortsIn(sports, dports);
    return (p) => ports(p) && nativeFlagsMatch(p, flags);
  }
  return (p) => {
    if (p.fragOff !== 0) {
      if (p.fragOff === 8) p.hotdrop = true; // a fragment that would overwrite the flags, RFC 1858
      return false;
    }
    if (!p.hasTransport(TCP_HLEN) || !portIn(p.sport, sports) || !portIn(p.dport, dports))
      return false;
    if (!flagsMatch(get8(p.skb.buf, p.thoff + TCP_FLAGS), flags)) return false;
    if (option === undefined) return true;
    const has = hasOption(p, option.kind);
    return !p.hotdrop && has !== option.invert;
  };
}

function flagsMatch(got: number, flags: TcpMatch['flags']): boolean {
  return flags === undefined || ((got & flags.mask) === flags.comp) !== flags.invert;
}

/** What cannot be read matches nothing, inverted or not; a later fragment's bytes are taken for a header. `nft_payload_fast_eval()` */
function nativeFlagsMatch(p: XtPacket, flags: TcpMatch['flags']): boolean {
  if (flags === undefined) return true;
  const at = p.thoff + TCP_FLAGS;
  return at < p.skb.tail && flagsMatch(get8(p.skb.buf, at), flags);
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
