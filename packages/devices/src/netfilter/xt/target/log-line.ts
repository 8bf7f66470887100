/**
 * The line that LOG writes of a packet, field by field as the kernel prints it.
 * Linux net/netfilter/nf_log_syslog.c, dump_ipv4_packet() and dump_ipv6_packet().
 */
import { formatIpv4, type Ipv4Addr, type Ipv6Addr } from '@labwire/core/addr';
import { get8, get16, get32, getU32 } from '@labwire/core/bytes';
import {
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
  ETH_HLEN,
  type NetDevice,
} from '../../../link/net-device.ts';
import type { Socket } from '../../../sock/socket.ts';
import type { NfBridgeInfo } from '../match/physdev.ts';
import type { XtPacket } from '../packet.ts';

/** What a LOG rule asks for beside the usual. */
export interface LogDetail {
  readonly tcpSequence: boolean;
  readonly tcpOptions: boolean;
  readonly ipOptions: boolean;
  readonly uid: boolean;
  readonly macdecode: boolean;
}

const IPPROTO = { ICMP: 1, TCP: 6, UDP: 17, ESP: 50, AH: 51, ICMPV6: 58, UDPLITE: 136 };
const TCP_FLAGS: readonly (readonly [number, string])[] = [
  [0x80, 'CWR'],
  [0x40, 'ECE'],
  [0x20, 'URG'],
  [0x10, 'ACK'],
  [0x08, 'PSH'],
  [0x04, 'RST'],
  [0x02, 'SYN'],
  [0x01, 'FIN'],
];

function hex(n: number, width: number): string {
  return n.toString(16).padStart(width, '0');
}

function bytes(buf: Uint8Array, from: number, to: number, sep = ''): string {
  const out: string[] = [];
  for (let i = from; i < to; i++) out.push(hex(get8(buf, i), 2));
  return out.join(sep);
}

/** The whole line without the prefix. `at` is an IP header: the packet's own, or one within an ICMP error. */
export function logLine(p: XtPacket, detail: LogDetail): string {
  const { skb } = p;
  const info = skb.nfBridge as NfBridgeInfo | null;
  const name = (dev: NetDevice | null): string => dev?.name ?? '';
  let line = `IN=${name(p.indev)} OUT=${name(p.outdev)} `;
  if (info !== null) {
    if (info.physin !== null && info.physin !== p.indev) line += `PHYSIN=${info.physin.name} `;
    if (info.physout !== null && info.physout !== p.outdev) line += `PHYSOUT=${info.physout.name} `;
  }
  if (p.indev !== null) line += macHeader(p, detail);
  line += p.isIpv6 ? ipv6Line(p, skb.nh, detail) : ipv4Line(p, skb.nh, skb.tail, detail, true);
  if (detail.uid && skb.sk !== null) line += ownerOf(skb.sk as Socket);
  if (skb.mark !== 0) line += `MARK=0x${skb.mark.toString(16)} `;
  return line;
}

function ownerOf(sk: Socket): string {
  return `UID=${sk.uid} GID=${sk.uid} `;
}

/** `dump_mac_header()` */
function macHeader({ skb, indev }: XtPacket, detail: LogDetail): string {
  const { buf, mac, nh } = skb;
  const has = mac >= 0 && mac + ETH_HLEN <= nh;
  if (indev?.arphrd === ARPHRD_ETHER && has && detail.macdecode) {
    return `MACSRC=${bytes(buf, mac + 6, mac + 12, ':')} MACDST=${bytes(buf, mac, mac + 6, ':')} MACPROTO=${hex(get16(buf, mac + 12), 4)} `;
  }
  if (indev?.arphrd === ARPHRD_LOOPBACK) {
    const protocol = hex(skb.protocol, 4);
    return `MAC=${'00:'.repeat(12)}${protocol.slice(0, 2)}:${protocol.slice(2)} `;
  }
  return `MAC=${indev?.arphrd === ARPHRD_ETHER && has ? bytes(buf, mac, mac + ETH_HLEN, ':') : ''} `;
}

function ipv4Line(p: XtPacket, nh: number, tail: number, d: LogDetail, outer: boolean): string {
  const { buf } = p.skb;
  if (tail - nh < 20) return 'TRUNCATED';
  const ihl = (get8(buf, nh) & 0x0f) * 4;
  const tos = get8(buf, nh + 1);
  const frag = get16(buf, nh + 6);
  const addr = (off: number): string => formatIpv4(get32(buf, nh + off) as Ipv4Addr);
  let line = `SRC=${addr(12)} DST=${addr(16)} LEN=${get16(buf, nh + 2)} TOS=0x${hex(tos & 0x1e, 2).toUpperCase()} `;
  line += `PREC=0x${hex(tos & 0xe0, 2).toUpperCase()} TTL=${get8(buf, nh + 8)} ID=${get16(buf, nh + 4)} `;
  if ((frag & 0x8000) !== 0) line += 'CE ';
  if ((frag & 0x4000) !== 0) line += 'DF ';
  if ((frag & 0x2000) !== 0) line += 'MF ';
  const offset = frag & 0x1fff;
  if (offset !== 0) line += `FRAG:${offset} `;
  if (d.ipOptions && ihl > 20)
    line += `OPT (${bytes(buf, nh + 20, Math.min(nh + ihl, tail)).toUpperCase()}) `;
  return line + transport(p, get8(buf, nh + 9), nh + ihl, tail, offset !== 0, d, outer);
}

function fullIpv6(a: Ipv6Addr): string {
  return [a.w0, a.w1, a.w2, a.w3].map((w) => `${hex(w >>> 16, 4)}:${hex(w & 0xffff, 4)}`).join(':');
}

function ipv6Line(p: XtPacket, nh: number, d: LogDetail): string {
  const { buf, tail } = p.skb;
  const word = getU32(buf, nh);
  let line = `SRC=${fullIpv6(p.saddr6 as Ipv6Addr)} DST=${fullIpv6(p.daddr6 as Ipv6Addr)} LEN=${get16(buf, nh + 4) + 40} `;
  line += `TC=${(word >>> 20) & 0xff} HOPLIMIT=${get8(buf, nh + 7)} FLOWLBL=${word & 0xfffff} `;
  return line + transport(p, p.proto, p.thoff, tail, p.fragOff !== 0, d, true);
}

function transport(
  p: XtPacket,
  proto: number,
  at: number,
  tail: number,
  later: boolean,
  d: LogDetail,
  outer: boolean,
): string {
  const left = tail - at;
  switch (proto) {
    case IPPROTO.TCP:
      return `PROTO=TCP ${later ? '' : left < 20 ? `INCOMPLETE [${left} bytes] ` : tcp(p.skb.buf, at, tail, d)}`;
    case IPPROTO.UDP:
    case IPPROTO.UDPLITE:
      return `PROTO=${proto === IPPROTO.UDP ? 'UDP' : 'UDPLITE'} ${later ? '' : left < 8 ? `INCOMPLETE [${left} bytes] ` : udp(p.skb.buf, at)}`;
    case IPPROTO.ICMP:
      return `PROTO=ICMP ${later ? '' : left < 4 ? `INCOMPLETE [${left} bytes] ` : icmp(p, at, tail, d, outer)}`;
    case IPPROTO.ICMPV6:
      return `PROTO=ICMPv6 ${later ? '' : left < 4 ? `INCOMPLETE [${left} bytes] ` : icmpv6(p.skb.buf, at)}`;
    case IPPROTO.AH:
    case IPPROTO.ESP: {
      const off = proto === IPPROTO.AH ? 4 : 0;
      const name = proto === IPPROTO.AH ? 'AH' : 'ESP';
      if (later) return `PROTO=${name} `;
      return `PROTO=${name} ${left < off + 4 ? `INCOMPLETE [${left} bytes] ` : `SPI=0x${getU32(p.skb.buf, at + off).toString(16)} `}`;
    }
    default:
      return `PROTO=${proto} `;
  }
}

function tcp(buf: Uint8Array, at: number, tail: number, d: LogDetail): string {
  let line = `SPT=${get16(buf, at)} DPT=${get16(buf, at + 2)} `;
  if (d.tcpSequence) line += `SEQ=${getU32(buf, at + 4)} ACK=${getU32(buf, at + 8)} `;
  const flags = get8(buf, at + 13);
  line += `WINDOW=${get16(buf, at + 14)} RES=0x${hex((get8(buf, at + 12) & 0x0f) << 2, 2)} `;
  for (const [bit, name] of TCP_FLAGS) if ((flags & bit) !== 0) line += `${name} `;
  line += `URGP=${get16(buf, at + 18)} `;
  const end = Math.min(tail, at + (get8(buf, at + 12) >>> 4) * 4);
  if (d.tcpOptions && end > at + 20) line += `OPT (${bytes(buf, at + 20, end).toUpperCase()}) `;
  return line;
}

function udp(buf: Uint8Array, at: number): string {
  return `SPT=${get16(buf, at)} DPT=${get16(buf, at + 2)} LEN=${get16(buf, at + 4)} `;
}

function icmp(p: XtPacket, at: number, tail: number, d: LogDetail, outer: boolean): string {
  const { buf } = p.skb;
  const type = get8(buf, at);
  const line = `TYPE=${type} CODE=${get8(buf, at + 1)} `;
  const rest = at + 8 <= tail;
  if ((type === 0 || type === 8) && rest)
    return `${line}ID=${get16(buf, at + 4)} SEQ=${get16(buf, at + 6)} `;
  if (type === 12 && rest)
    return `${line}PARAMETER=${getU32(buf, at + 4) >>> 24} ${inner(p, at, tail, d, outer)}`;
  if (type === 5 && rest)
    return `${line}GATEWAY=${formatIpv4(get32(buf, at + 4) as Ipv4Addr)} ${inner(p, at, tail, d, outer)}`;
  if (type !== 3 && type !== 4 && type !== 11) return line;
  const mtu = type === 3 && get8(buf, at + 1) === 4 && rest ? `MTU=${get16(buf, at + 6)} ` : '';
  return line + inner(p, at, tail, d, outer) + mtu;
}

/** The packet that an error is about, in brackets; errors within errors are not followed. */
function inner(p: XtPacket, at: number, tail: number, d: LogDetail, outer: boolean): string {
  return outer && at + 8 < tail ? `[${ipv4Line(p, at + 8, tail, d, false)}] ` : '';
}

function icmpv6(buf: Uint8Array, at: number): string {
  const type = get8(buf, at);
  const line = `TYPE=${type} CODE=${get8(buf, at + 1)} `;
  return type === 128 || type === 129
    ? `${line}ID=${get16(buf, at + 4)} SEQ=${get16(buf, at + 6)} `
    : line;
}
