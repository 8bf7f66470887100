import { get8, get16, put16 } from '@labwire/core/bytes';
import { updateCheck16 } from '@labwire/core/wire';
import type { Action } from '../compile-chain.ts';
import type { XtPacket } from '../packet.ts';
import type { TcpmssTarget, TcpoptstripTarget } from '../target.ts';
import { NF_DROP, XT_CONTINUE } from '../verdict.ts';

const TCP_HLEN = 20;
const TCP_CHECK = 16;
const OPT_NOP = 1;
const OPT_MSS = 2;
const SYN = 0x02;

/** Writes 16 bits of a TCP header at `off` from its start, mending the checksum wherever the two bytes lie. */
function putTcpBytes(p: XtPacket, at: number, value: number): void {
  const { buf } = p.skb;
  const old = get16(buf, at);
  const odd = ((at - p.thoff) & 1) === 1;
  const swap = (v: number): number => (odd ? ((v & 0xff) << 8) | (v >>> 8) : v);
  const check = p.thoff + TCP_CHECK;
  put16(buf, at, value);
  put16(buf, check, updateCheck16(get16(buf, check), swap(old), swap(value)));
}

/** The offset of an option's kind, or -1. */
function findOption(p: XtPacket, kind: number): number {
  const { buf } = p.skb;
  const end = Math.min(p.skb.tail, p.thoff + (get8(buf, p.thoff + 12) >>> 4) * 4);
  for (let at = p.thoff + TCP_HLEN; at + 1 < end; ) {
    const k = get8(buf, at);
    if (k === 0) return -1;
    if (k === kind) return at + get8(buf, at + 1) <= end ? at : -1;
    at += k === OPT_NOP ? 1 : get8(buf, at + 1) || 1;
  }
  return -1;
}

/**
 * `tcpmss_mangle_packet()`: lowers the MSS of a SYN, or sets it if `mss` is given.
 * @deviation A SYN without the option gets none added.
 * @param pathMtu the smaller of the MTUs of the routes there and back, for --clamp-mss-to-pmtu
 */
export function tcpmssAction(t: TcpmssTarget, pathMtu: (p: XtPacket) => number): Action {
  return (p) => {
    if (p.proto !== 6 || !p.hasTransport(TCP_HLEN)) return p.hotdrop ? NF_DROP : XT_CONTINUE;
    if ((get8(p.skb.buf, p.thoff + 13) & SYN) === 0) return XT_CONTINUE;
    const at = findOption(p, OPT_MSS);
    if (at < 0) return XT_CONTINUE;
    const old = get16(p.skb.buf, at + 2);
    const wanted = t.mss ?? pathMtu(p) - (p.isIpv6 ? 60 : 40);
    if (wanted > 0 && wanted < old) putTcpBytes(p, at + 2, wanted);
    return XT_CONTINUE;
  };
}

/** `tcpoptstrip_mangle_packet()`: overwrites options with NOPs. */
export function tcpoptstripAction(t: TcpoptstripTarget): Action {
  return (p) => {
    if (p.proto !== 6 || !p.hasTransport(TCP_HLEN)) return p.hotdrop ? NF_DROP : XT_CONTINUE;
    for (const kind of t.options) {
      const at = findOption(p, kind);
      if (at >= 0) blank(p, at, get8(p.skb.buf, at + 1));
    }
    return XT_CONTINUE;
  };
}

function blank(p: XtPacket, at: number, len: number): void {
  const { buf } = p.skb;
  const NOPS = (OPT_NOP << 8) | OPT_NOP;
  for (let i = at; i < at + len; i += 2) {
    if (i + 1 < at + len) putTcpBytes(p, i, NOPS);
    else putTcpBytes(p, i, (OPT_NOP << 8) | get8(buf, i + 1));
  }
}
