import { get8, get16, get32 } from '@labwire/core/bytes';
import { type SkBuff, withHeadroom } from '@labwire/core/skb';
import {
  ICMP_DEST_UNREACH,
  ICMP_FRAG_NEEDED,
  ICMPV6_PKT_TOOBIG,
  IP_DF,
  IPPROTO_GRE,
  IPPROTO_IPIP,
  IPPROTO_IPV6,
  IPV6_MIN_MTU,
  Ipv4Off,
} from '@labwire/core/wire';
import { Flow4 } from '../../fib/flow.ts';
import type { Rtable } from '../../ipv4/rtable.ts';
import { Ipv4TxHeader } from '../../ipv4/tx-header.ts';
import { ARPHRD_ETHER, ETH_HLEN } from '../net-device.ts';
import { scrub } from '../scrub.ts';
import { skbVlanPush } from '../vlan-tag.ts';
import { writeGre } from './gre-header.ts';
import type { IpTunnel } from './ip-tunnel.ts';
import { GRE_SEQ } from './parms.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const ETH_P_TEB = 0x6558;
const IPV4_HLEN = 20;
const ECN_MASK = 3;
/** Bytes that the headers of a packet may need before it: Ethernet with a tag, IPv4, GRE with everything. */
const HEADROOM = 14 + 4 + IPV4_HLEN + 16;

/** For lookups that are over before the next begins. */
const flow = new Flow4();
const header = new Ipv4TxHeader();

/** The protocol in the outer header, or 0 if the tunnel carries no such packets. */
function outerProtocol({ kind, parms }: IpTunnel, etherType: number): number {
  if (kind === 'gre' || kind === 'gretap') return IPPROTO_GRE;
  if (etherType === ETH_P_IP && (kind === 'ipip' || parms.proto !== IPPROTO_IPV6))
    return IPPROTO_IPIP;
  return etherType === ETH_P_IPV6 && kind === 'sit' && parms.proto !== IPPROTO_IPIP
    ? IPPROTO_IPV6
    : 0;
}

/** Sends a frame through a tunnel, `skb.data` at its Ethernet header. Takes ownership. `ip_tunnel_xmit()` */
export function tunnelXmit(dev: IpTunnel, skb: SkBuff): void {
  const etherType = get16(skb.buf, skb.data + 12);
  const protocol = outerProtocol(dev, etherType);
  if (protocol === 0) {
    dev.failXmit(skb);
    return;
  }
  const inner = skb.data + ETH_HLEN;
  const remote = dev.parms.remote || nextHop(dev, skb, etherType);
  if (remote === 0) {
    dev.failXmit(skb, 'carrier');
    return;
  }
  const rt = routeTo(dev, skb, inner, etherType, remote, protocol);
  if (rt === null || (rt.dev as unknown) === dev) {
    dev.failXmit(skb, rt === null ? 'carrier' : 'collisions');
    return;
  }
  header.ttl = ttlFor(dev, skb, inner, etherType, rt);
  header.fragOff = dev.parms.pmtudisc || innerDf(dev, skb, inner, etherType) ? IP_DF : 0;
  if (complainsOfSize(dev, skb, inner, etherType, rt)) {
    dev.failXmit(skb);
    return;
  }
  send(dev, skb, etherType, protocol, rt);
}

/** Where a tunnel without another end sends a packet to: to the neighbour's address, in GRE, else to the next hop. */
function nextHop({ kind }: IpTunnel, skb: SkBuff, etherType: number): number {
  if (kind === 'gre') return get32(skb.buf, skb.data) >>> 0;
  const rt = skb.dst as Rtable | null;
  if (etherType !== ETH_P_IP || rt === null) return 0;
  return (rt.gateway || get32(skb.buf, skb.data + ETH_HLEN + Ipv4Off.daddr)) >>> 0;
}

/** Looks the way up, and fills in addresses and TOS of the outer header. @returns null if there is none */
function routeTo(
  dev: IpTunnel,
  skb: SkBuff,
  inner: number,
  etherType: number,
  remote: number,
  protocol: number,
): Rtable | null {
  const { underlay, parms } = dev;
  const innerTos = tosOf(skb, inner, etherType);
  const tos = (parms.tos & 1) !== 0 ? innerTos : parms.tos;
  flow.to(remote | 0);
  flow.saddr = parms.local | 0;
  flow.oif = parms.link;
  flow.tos = tos & 0xfc;
  flow.protocol = protocol;
  if (underlay.ipv4.routeOutput(flow) !== undefined) return null;
  header.saddr = flow.saddr;
  header.daddr = remote | 0;
  header.protocol = protocol;
  // congestion marks go outside as well: RFC 6040
  header.tos = (tos & ~ECN_MASK) | ((innerTos & ECN_MASK) === ECN_MASK ? 2 : innerTos & ECN_MASK);
  return underlay.ipv4.rt as Rtable;
}

function tosOf(skb: SkBuff, inner: number, etherType: number): number {
  if (etherType === ETH_P_IP) return get8(skb.buf, inner + Ipv4Off.tos);
  return etherType === ETH_P_IPV6 ? (get16(skb.buf, inner) >> 4) & 0xff : 0;
}

function ttlFor(dev: IpTunnel, skb: SkBuff, inner: number, etherType: number, rt: Rtable): number {
  if (dev.parms.ttl !== 0) return dev.parms.ttl;
  if (etherType === ETH_P_IP) return get8(skb.buf, inner + Ipv4Off.ttl);
  if (etherType === ETH_P_IPV6) return get8(skb.buf, inner + 7);
  return rt.route?.metrics.hoplimit ?? dev.underlay.ipv4.conf.ip_default_ttl;
}

function innerDf(dev: IpTunnel, skb: SkBuff, inner: number, etherType: number): boolean {
  if (etherType !== ETH_P_IP || dev.parms.ignoreDf) return false;
  return (get16(skb.buf, inner + Ipv4Off.fragOff) & IP_DF) !== 0;
}

/** Tells the sender of a packet that may not be cut and does not fit. @returns whether it was such a one. `tnl_update_pmtu()` */
function complainsOfSize(
  dev: IpTunnel,
  skb: SkBuff,
  inner: number,
  etherType: number,
  rt: Rtable,
): boolean {
  const ether = dev.arphrd === ARPHRD_ETHER ? ETH_HLEN : 0;
  const mtu =
    header.fragOff !== 0 ? rt.mtu(dev.underlay.sim, false) - ether - IPV4_HLEN - dev.hlen : dev.mtu;
  const bytes = skb.tail - inner;
  if (bytes <= mtu) return false;
  if (etherType === ETH_P_IP) {
    if ((get16(skb.buf, inner + Ipv4Off.fragOff) & IP_DF) === 0) return false;
    skb.nh = inner;
    dev.netns?.ipv4.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
    return true;
  }
  if (etherType !== ETH_P_IPV6 || mtu < IPV6_MIN_MTU) return false;
  skb.nh = inner;
  dev.netns?.ipv6.icmp.sendError(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
  return true;
}

function send(dev: IpTunnel, frame: SkBuff, etherType: number, protocol: number, rt: Rtable): void {
  const { underlay, parms } = dev;
  const bytes = frame.len - ETH_HLEN;
  if (frame.vlanTci >= 0) skbVlanPush(frame);
  if (dev.arphrd !== ARPHRD_ETHER) frame.pull(ETH_HLEN);
  const skb = withHeadroom(frame, HEADROOM);
  scrub(skb, dev.netns !== underlay);
  if (protocol === IPPROTO_GRE) {
    const at = skb.push(dev.hlen);
    const { oflags: flags, okey: key } = parms;
    const seq = (flags & GRE_SEQ) === 0 ? 0 : dev.nextSeq();
    const inside = dev.kind === 'gretap' ? ETH_P_TEB : etherType;
    writeGre(skb.buf, at, skb.tail, { flags, protocol: inside, key, seq });
  }
  header.id = underlay.ipv4.ident.next(header.saddr, header.daddr, protocol);
  dev.stats.txPackets++;
  dev.stats.txBytes += bytes;
  underlay.ipv4.send(skb, rt, header);
}
