/** REJECT: drops and tells the sender. Linux net/ipv4/netfilter/nf_reject_ipv4.c and its IPv6 twin. */
import type { Ipv6Addr } from '@labwire/core/addr';
import { get8, get16, getU32, put8, put16, put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { allocSkb, CHECKSUM_NONE, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  checksumOk,
  ETH_ALEN,
  ETH_HLEN,
  ETH_P_IP,
  ETH_P_IPV6,
  ICMP_DEST_UNREACH,
  ICMP_HOST_ANO,
  ICMP_HOST_UNREACH,
  ICMP_NET_ANO,
  ICMP_NET_UNREACH,
  ICMP_PKT_FILTERED,
  ICMP_PORT_UNREACH,
  ICMP_PROT_UNREACH,
  ICMPV6_ADDR_UNREACH,
  ICMPV6_ADM_PROHIBITED,
  ICMPV6_DEST_UNREACH,
  ICMPV6_NOROUTE,
  ICMPV6_POLICY_FAIL,
  ICMPV6_PORT_UNREACH,
  ICMPV6_REJECT_ROUTE,
  IP_DF,
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  pseudoSum4,
  pseudoSum6,
  UDP_HLEN,
} from '@labwire/core/wire';
import { IP_CT_UNTRACKED, type NfConn } from '../../../conntrack/nf-conn.ts';
import { FLOWI_FLAG_ANYSRC, Flow4 } from '../../../fib/index.ts';
import { ipBuild } from '../../../ipv4/output.ts';
import { RTCF_BROADCAST, RTCF_MULTICAST, type Rtable } from '../../../ipv4/rtable.ts';
import { Ipv4TxHeader } from '../../../ipv4/tx-header.ts';
import { newIp6Skb } from '../../../ipv6/ip6-build.ts';
import type { NetDevice } from '../../../link/net-device.ts';
import type { Action } from '../compile-chain.ts';
import type { NfBridgeInfo } from '../match/physdev.ts';
import type { XtPacket } from '../packet.ts';
import type { RejectTarget } from '../target.ts';
import { NF_DROP } from '../verdict.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const TCP_HLEN = 20;

/** Codes of destination unreachable by `--reject-with`. */
const ICMP_CODES: Readonly<Record<string, number>> = {
  'icmp-net-unreachable': ICMP_NET_UNREACH,
  'icmp-host-unreachable': ICMP_HOST_UNREACH,
  'icmp-port-unreachable': ICMP_PORT_UNREACH,
  'icmp-proto-unreachable': ICMP_PROT_UNREACH,
  'icmp-net-prohibited': ICMP_NET_ANO,
  'icmp-host-prohibited': ICMP_HOST_ANO,
  'icmp-admin-prohibited': ICMP_PKT_FILTERED,
};
const ICMP6_CODES: Readonly<Record<string, number>> = {
  'icmp6-no-route': ICMPV6_NOROUTE,
  'icmp6-adm-prohibited': ICMPV6_ADM_PROHIBITED,
  'icmp6-addr-unreachable': ICMPV6_ADDR_UNREACH,
  'icmp6-port-unreachable': ICMPV6_PORT_UNREACH,
  'icmp6-policy-fail': ICMPV6_POLICY_FAIL,
  'icmp6-reject-route': ICMPV6_REJECT_ROUTE,
};

/** `reject_tg()`, `reject_tg6()` @throws KernelError EINVAL for an unknown answer */
export function rejectAction(t: RejectTarget, isIpv6: boolean): Action {
  if (t.with === 'tcp-reset') {
    return (p) => {
      sendReset(p);
      return NF_DROP;
    };
  }
  const code = (isIpv6 ? ICMP6_CODES : ICMP_CODES)[t.with];
  if (code === undefined) throw new KernelError('EINVAL');
  return (p) => {
    if (p.isIpv6) {
      if (sumHolds6(p)) p.netns.ipv6.icmp.sendError(p.skb, ICMPV6_DEST_UNREACH, code, 0);
    } else if (p.fragOff === 0 && sumHolds(p, wasSummed(p)))
      p.netns.ipv4.icmp.send(p.skb, ICMP_DEST_UNREACH, code, 0);
    return NF_DROP;
  };
}

/** Protocols whose checksum is none of the whole payload, or none at all: GRE, AH, ESP, SCTP, UDP-Lite. */
const OTHER_SUMS: readonly number[] = [47, 51, 50, 132, 136];
const FORWARD = 2;
const LOCAL_OUT = 3;
/** The sum of an IPv4 header that is right: it is summed with what sums nothing else. */
const HEADER_SUM = 0xffff;

/**
 * Whether a packet is intact: broken ones are not answered. Its IP header is summed, too, as it stands: one in whose
 * options we have just written does not hold yet. `nf_reject_verify_csum()`, `nf_ip_checksum()`
 * @param known the sum was looked at before that
 */
function sumHolds(p: XtPacket, known: boolean): boolean {
  const { buf, nh, tail, ipSummed } = p.skb;
  if (ipSummed !== CHECKSUM_NONE || OTHER_SUMS.includes(p.proto)) return true;
  // a copy by TEE of what tracking has summed, right or wrong, is not summed again on its way out
  if (p.hook === LOCAL_OUT && tracksSums(p)) return true;
  const len = tail - p.thoff;
  if (p.proto === IPPROTO_UDP && len >= UDP_HLEN && get16(buf, p.thoff + 6) === 0) return true;
  const pseudo = p.proto === IPPROTO_TCP || p.proto === IPPROTO_UDP;
  const sum = pseudo ? pseudoSum4(p.saddr as never, p.daddr as never, p.proto, len) : 0;
  if (known) return checksumOk(buf, p.thoff, len, pseudo ? sum : HEADER_SUM);
  return checksumOk(buf, nh, tail - nh, sum);
}

/** Whether tracking has looked at the sum when the packet came in, and its header held. `skb->csum_valid` */
function wasSummed(p: XtPacket): boolean {
  return tracksSums(p) && p.skb.ctinfo !== IP_CT_UNTRACKED;
}

function tracksSums({ proto, netns }: XtPacket): boolean {
  const known = proto === IPPROTO_TCP || proto === IPPROTO_UDP || proto === IPPROTO_ICMP;
  return known && netns.ipv4.defragsEarly && netns.conntrack?.conf.checksum !== 0;
}

/** The same of IPv6, where a fragment that is not the first tells nothing. `reject6_csum_ok()` */
function sumHolds6(p: XtPacket): boolean {
  const { buf, tail, ipSummed } = p.skb;
  if (ipSummed !== CHECKSUM_NONE) return true;
  const len = tail - p.thoff;
  if (p.fragOff !== 0 || len <= 0) return false;
  if (OTHER_SUMS.includes(p.proto)) return true;
  if (p.proto === IPPROTO_UDP && len >= UDP_HLEN && get16(buf, p.thoff + 6) === 0) return true;
  const pseudo = pseudoSum6(p.saddr6 as Ipv6Addr, p.daddr6 as Ipv6Addr, p.proto, len);
  return checksumOk(buf, p.thoff, len, pseudo);
}

/** Answers a segment as if nobody listened. `nf_send_reset()`, `nf_send_reset6()` */
function sendReset(p: XtPacket): void {
  const { buf, tail } = p.skb;
  const th = p.thoff;
  if (p.proto !== IPPROTO_TCP || p.fragOff !== 0 || tail - th < TCP_HLEN) return;
  const flags = get8(buf, th + 13);
  if ((flags & RST) !== 0) return;
  // forwarding forgets the sum, and a segment's is looked at again: skb_forward_csum()
  if (!p.isIpv6 && !sumHolds(p, p.hook !== FORWARD && wasSummed(p))) return;
  if (p.isIpv6) sendReset6(p, flags);
  else sendReset4(p, flags);
}

/** Writes the segment that resets the one of `p`. */
function writeReset(p: XtPacket, flags: number, to: Uint8Array, at: number): void {
  const { buf, tail } = p.skb;
  const th = p.thoff;
  const acked = (flags & ACK) !== 0;
  const payload = tail - th - (get8(buf, th + 12) >>> 4) * 4;
  const length = payload + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  put16(to, at, get16(buf, th + 2));
  put16(to, at + 2, get16(buf, th));
  put32(to, at + 4, acked ? getU32(buf, th + 8) : 0);
  put32(to, at + 8, acked ? 0 : (getU32(buf, th + 4) + length) >>> 0);
  put8(to, at + 12, 0x50);
  put8(to, at + 13, acked ? RST : RST | ACK);
  put16(to, at + 14, 0);
  put32(to, at + 16, 0);
}

const flow4 = new Flow4();
const header4 = new Ipv4TxHeader();

function sendReset4(p: XtPacket, flags: number): void {
  const { ipv4 } = p.netns;
  const way = p.skb.dst as Rtable | null;
  if (way !== null && (way.flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0) return;
  const type = ipv4.addrType(p.daddr, p.skb.dev as NetDevice | null);
  const fits = type === 'local' || type === 'unicast';
  flow4.to(p.saddr);
  if (fits) flow4.saddr = p.daddr;
  if (fits) flow4.flags = FLOWI_FLAG_ANYSRC;
  if (ipv4.fib.hasCustomRules) {
    flow4.protocol = IPPROTO_TCP;
    flow4.sport = p.dport;
    flow4.dport = p.sport;
  }
  if (ipv4.routeOutput(flow4) !== undefined) return;
  const skb = allocSkb(TCP_HLEN);
  const at = skb.put(TCP_HLEN);
  writeReset(p, flags, skb.buf, at);
  const sum = pseudoSum4(p.daddr as never, p.saddr as never, IPPROTO_TCP, TCP_HLEN);
  put16(skb.buf, at + 16, checksum(skb.buf, at, TCP_HLEN, sum));
  attach(p, skb);
  header4.saddr = p.daddr;
  header4.daddr = p.saddr;
  header4.protocol = IPPROTO_TCP;
  header4.tos = 0;
  header4.ttl = ipv4.conf.ip_default_ttl;
  header4.fragOff = IP_DF;
  header4.id = 0;
  if (cameOverBridge(p)) {
    ipBuild(skb, header4);
    sendBack(p, skb);
  } else ipv4.send(skb, ipv4.rt as Rtable, header4);
}

function sendReset6(p: XtPacket, flags: number): void {
  const { ipv6 } = p.netns;
  const saddr = p.saddr6;
  const daddr = p.daddr6;
  if (saddr === null || daddr === null) return;
  const linkLocal = saddr.w0 >>> 22 === 0x3fa;
  const flow = ipv6.output.flow(saddr, linkLocal ? p.indev : null, daddr);
  if (typeof flow === 'string') return;
  const skb = newIp6Skb(TCP_HLEN, daddr, saddr, IPPROTO_TCP, ipv6.hopLimit(flow.dev));
  writeReset(p, flags, skb.buf, skb.th);
  const sum = pseudoSum6(daddr, saddr, IPPROTO_TCP, TCP_HLEN);
  put16(skb.buf, skb.th + 16, checksum(skb.buf, skb.th, TCP_HLEN, sum));
  attach(p, skb);
  if (cameOverBridge(p)) sendBack(p, skb);
  else ipv6.output.send(skb, flow);
}

function cameOverBridge({ skb }: XtPacket): boolean {
  return skb.nfBridge !== null && (skb.nfBridge as NfBridgeInfo).physin !== null;
}

/** Sends an answer out of the bridge's port that its packet came in by, as if from the host that it was for. */
function sendBack(p: XtPacket, skb: SkBuff): void {
  const { buf, mac } = p.skb;
  const port = (p.skb.nfBridge as NfBridgeInfo).physin as NetDevice;
  const at = skb.push(ETH_HLEN);
  for (let i = 0; i < ETH_ALEN; i++) {
    put8(skb.buf, at + i, get8(buf, mac + ETH_ALEN + i));
    put8(skb.buf, at + ETH_ALEN + i, get8(buf, mac + i));
  }
  put16(skb.buf, at + 2 * ETH_ALEN, p.isIpv6 ? ETH_P_IPV6 : ETH_P_IP);
  skb.dev = port;
  port.xmit(skb);
}

/** The answer belongs to the connection of what it answers, and ends it. `nf_ct_attach()`, `nf_ct_set_closing()` */
function attach(p: XtPacket, skb: SkBuff): void {
  const { conntrack } = p.netns;
  conntrack?.attach(skb, p.skb);
  if (p.skb.ct !== null) conntrack?.setClosing(p.skb.ct as NfConn);
}
