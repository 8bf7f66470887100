/** What xtables-monitor prints of a packet and of the rules that it meets. iptables/xtables-monitor.c, trace_cb() */
import { formatIpv4, formatIpv6, getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get8, get16, get32, getU32 } from '@labwire/core/bytes';
import { ETH_HLEN } from '@labwire/devices/link';
import {
  NF_ACCEPT,
  NF_DROP,
  NF_STOLEN,
  XT_CONTINUE,
  type XtPacket,
  type XtRule,
  type XtTable,
} from '@labwire/devices/netfilter';
import { hex } from '../core/numbers.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const ARPHRD_LOOPBACK = 772;
const ARPHRD_ETHER = 1;
const IPPROTO_TCP = 6;
/** Protocols with ports: UDP, DCCP, SCTP, UDP-Lite. */
const WITH_PORTS = [17, 33, 132, 136];
/** In the order in which they are printed. */
const TCP_FLAGS: readonly (readonly [number, string])[] = [
  [0x02, 'SYN'],
  [0x10, 'ACK'],
  [0x01, 'FIN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x20, 'URG'],
];

/** The family's number, and the packet's in eight digits. */
export function traceId(isIpv6: boolean, id: number): string {
  return `${isIpv6 ? AF_INET6 : AF_INET} ${id.toString(16).padStart(8, '0')}`;
}

/** The line of a packet: `PACKET: …`. `trace_print_packet()` */
export function packetLine(p: XtPacket, id: number): string {
  const indev = p.indev === null ? '' : `IN=${p.indev.name} `;
  const outdev = p.outdev === null ? '' : `OUT=${p.outdev.name} `;
  const network = p.isIpv6 ? ipv6Text(p) : ipv4Text(p);
  const mark = p.skb.mark === 0 ? '' : `MARK=${hex(p.skb.mark)} `;
  return `PACKET: ${traceId(p.isIpv6, id)} ${indev}${outdev}${linkText(p)}${network}${transportText(p)}${mark}\n`;
}

/** ether_ntoa(3): bytes without leading zeros. */
function shortMac(buf: Uint8Array, at: number): string {
  return Array.from(buf.subarray(at, at + 6), (b) => b.toString(16)).join(':');
}

function linkText({ skb, indev }: XtPacket): string {
  const { buf, mac, nh } = skb;
  if (indev === null) return '';
  if (indev.arphrd === ARPHRD_LOOPBACK) return 'LOOPBACK ';
  if (indev.arphrd !== ARPHRD_ETHER || mac < 0 || mac + ETH_HLEN > nh) return '';
  const proto = get16(buf, mac + 12)
    .toString(16)
    .padStart(4, '0');
  return `MACSRC=${shortMac(buf, mac + 6)} MACDST=${shortMac(buf, mac)} MACPROTO=${proto} `;
}

function ipv4Text({ skb: { buf, nh } }: XtPacket): string {
  const addr = (at: number): string => formatIpv4(get32(buf, nh + at) as Ipv4Addr);
  const frag = get16(buf, nh + 6);
  const tos = get8(buf, nh + 1).toString(16);
  let text = `SRC=${addr(12)} DST=${addr(16)} LEN=${get16(buf, nh + 2)} TOS=0x${tos} TTL=${get8(buf, nh + 8)} ID=${get16(buf, nh + 4)} `;
  if ((frag & 0x8000) !== 0) text += 'CE ';
  if ((frag & 0x4000) !== 0) text += 'DF ';
  if ((frag & 0x2000) !== 0) text += 'MF ';
  if ((frag & 0x1fff) !== 0) text += `FRAG:${frag & 0x1fff} `;
  return text + optionsText(buf, nh + 20, nh + (get8(buf, nh) & 0x0f) * 4);
}

function optionsText(buf: Uint8Array, from: number, to: number): string {
  if (from >= to) return '';
  const bytes = Array.from(buf.subarray(from, to), (b) =>
    b.toString(16).toUpperCase().padStart(2, '0'),
  );
  return `OPT (${bytes.join('')}) `;
}

/** The length is of the payload and an IPv4 header, as 1.8.9 adds them up. */
function ipv6Text({ skb: { buf, nh } }: XtPacket): string {
  const addr = (at: number): string => formatIpv6(getIpv6(buf, nh + at));
  const word = getU32(buf, nh);
  return `SRC=${addr(8)} DST=${addr(24)} LEN=${get16(buf, nh + 4) + 20} TC=${(word >>> 20) & 0xff} HOPLIMIT=${get8(buf, nh + 7)} FLOWLBL=${word & 0xfffff} `;
}

function transportText(p: XtPacket): string {
  if (p.fragOff !== 0 || p.sport < 0) return '';
  const ports = `SPORT=${p.sport} DPORT=${p.dport} `;
  if (WITH_PORTS.includes(p.proto)) return ports;
  if (p.proto !== IPPROTO_TCP || p.thoff + 20 > p.skb.tail) return '';
  const flags = get8(p.skb.buf, p.thoff + 13);
  return ports + TCP_FLAGS.map(([bit, name]) => ((flags & bit) === 0 ? '' : `${name} `)).join('');
}

/** What is said of a packet; `0xfffffffb` is RETURN, for which 1.8.9 has no word. `print_verdict()` */
export function verdictText(verdict: number, rule: XtRule | null): string {
  const target = rule?.target;
  if (target?.kind === 'jump') return `JUMP:${target.chain}`;
  if (target?.kind === 'goto') return `GOTO:${target.chain}`;
  if (verdict === NF_ACCEPT) return 'ACCEPT';
  if (verdict === NF_DROP) return 'DROP';
  if (verdict === NF_STOLEN) return 'STOLEN';
  return verdict === XT_CONTINUE ? 'CONTINUE' : hex(verdict);
}

/** What every line about a rule or policy begins with. `trace_print_hdr()` */
export function traceHead(p: XtPacket, id: number, table: XtTable, chain: string): string {
  return ` TRACE: ${traceId(p.isIpv6, id)} ${table.name}:${chain}`;
}
