import { formatIpv4, formatMac, type Ipv4Addr, type MacAddr } from '@labwire/core/addr';
import { get8, get16, get32, get48 } from '@labwire/core/bytes';
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, Ipv6Chain, walkIpv6 } from '@labwire/core/wire';
import type { NetDevice } from '../../link/index.ts';
import { EBT_CONTINUE, type EbtAct, type EbtFrame } from './frame.ts';
import { etherTypeOf } from './match/index.ts';
import type { EbtLog, EbtNflog } from './match.ts';

const ETH_P_RARP = 0x8035;
/** Protocols with ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const PORT_PROTOCOLS = [6, 17, 33, 132, 136];

function nameOf(dev: NetDevice | null): string {
  return dev === null ? '' : dev.name;
}

function macAt(buf: Uint8Array, at: number): string {
  return formatMac(get48(buf, at) as MacAddr);
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}

function ipAt(buf: Uint8Array, at: number): string {
  return formatIpv4(get32(buf, at) as Ipv4Addr);
}

/** `print_ports()` */
function ports(buf: Uint8Array, proto: number, th: number, tail: number): string {
  if (!PORT_PROTOCOLS.includes(proto)) return '';
  if (th + 4 > tail) return ' INCOMPLETE TCP/UDP header';
  return ` SPT=${get16(buf, th)} DPT=${get16(buf, th + 2)}`;
}

function ipPart({ buf, data, tail }: EbtFrame['skb']): string {
  if (tail - data < 20) return ' INCOMPLETE IP header';
  const tos = hex(get8(buf, data + 1), 2).toUpperCase();
  const proto = get8(buf, data + 9);
  const th = data + (get8(buf, data) & 0x0f) * 4;
  return ` IP SRC=${ipAt(buf, data + 12)} IP DST=${ipAt(buf, data + 16)}, IP tos=0x${tos}, IP proto=${proto}${ports(buf, proto, th, tail)}`;
}

function ip6At(buf: Uint8Array, at: number): string {
  const words: string[] = [];
  for (let i = 0; i < 16; i += 2) words.push(hex(get16(buf, at + i), 4));
  return words.join(':');
}

function ip6Part({ buf, data, tail }: EbtFrame['skb']): string {
  if (tail - data < 40) return ' INCOMPLETE IPv6 header';
  const prio = hex(get8(buf, data) & 0x0f, 1).toUpperCase();
  const head = ` IPv6 SRC=${ip6At(buf, data + 8)} IPv6 DST=${ip6At(buf, data + 24)}, IPv6 priority=0x${prio}, Next Header=${get8(buf, data + 6)}`;
  const chain = new Ipv6Chain();
  if (walkIpv6(buf, data, tail, chain) !== undefined) return head;
  return head + ports(buf, chain.protocol, chain.off, tail);
}

function arpPart({ buf, data, tail }: EbtFrame['skb']): string {
  if (tail - data < 8) return ' INCOMPLETE ARP header';
  const head = ` ARP HTYPE=${get16(buf, data)}, PTYPE=0x${hex(get16(buf, data + 2), 4)}, OPCODE=${get16(buf, data + 6)}`;
  if (get16(buf, data) !== 1 || get16(buf, data + 4) !== 0x0604) return head;
  if (tail - data < 28) return `${head} INCOMPLETE ARP payload`;
  return `${head} ARP MAC SRC=${macAt(buf, data + 8)} ARP IP SRC=${ipAt(buf, data + 14)} ARP MAC DST=${macAt(buf, data + 18)} ARP IP DST=${ipAt(buf, data + 24)}`;
}

/** What is said of a frame's payload, if it is asked for. */
function payload(m: EbtLog, f: EbtFrame, type: number): string {
  if (m.ip && type === ETH_P_IP) return ipPart(f.skb);
  if (m.ip6 && type === ETH_P_IPV6) return ip6Part(f.skb);
  return m.arp && (type === ETH_P_ARP || type === ETH_P_RARP) ? arpPart(f.skb) : '';
}

/** The line of a frame. Linux net/bridge/netfilter/ebt_log.c, ebt_log_packet() */
function logLine(m: EbtLog, f: EbtFrame): string {
  const { buf, mac } = f.skb;
  const type = etherTypeOf(f.skb);
  return `${m.prefix} IN=${nameOf(f.indev)} OUT=${nameOf(f.outdev)} MAC source = ${macAt(buf, mac + 6)} MAC dest = ${macAt(buf, mac)} proto = 0x${hex(type, 4)}${payload(m, f, type)}`;
}

/** Writes a line; other namespaces than the first are heard only with nf_log_all_netns. `ebt_log_tg()` */
export function logAction(m: EbtLog): EbtAct {
  return (f) => {
    const { kernel } = f.netns;
    if (f.netns === kernel.initNetns || kernel.nfLogAllNetns !== 0) kernel.log(logLine(m, f));
    return EBT_CONTINUE;
  };
}

/** Gives a copy to those who listen. `ebt_nflog_tg()` */
export function nflogAction(m: EbtNflog): EbtAct {
  return ({ skb, indev, outdev, netns }) => {
    netns.kernel.trace.nflog.emit(skb, m.group, m.prefix, indev, outdev);
    return EBT_CONTINUE;
  };
}
