import { type Ipv4Addr, isMulticast4 } from '@labwire/core/addr';
import { get8, get16, put16, put32 } from '@labwire/core/bytes';
import { type SkBuff, withHeadroom } from '@labwire/core/skb';
import { checksum, IP_DF, IPPROTO_UDP, pseudoSum4, UDP_HLEN, UdpOff } from '@labwire/core/wire';
import { Flow4 } from '../../fib/flow.ts';
import type { Rtable } from '../../ipv4/rtable.ts';
import { Ipv4TxHeader } from '../../ipv4/tx-header.ts';
import { flowHash } from '../flow-hash.ts';
import { ETH_HLEN } from '../net-device.ts';
import { scrub } from '../scrub.ts';
import { skbVlanPush } from '../vlan-tag.ts';
import type { VxlanRemote } from './fdb.ts';
import { VXLAN_HEADROOM, VXLAN_HLEN } from './headers.ts';
import type { Vxlan } from './vxlan.ts';

/** VXLAN's flags: there is a network number. RFC 7348 section 5 */
const FLAGS = 0x0800_0000;
const ETH_P_IP = 0x0800;
/** Bytes that the headers of a frame may need before it: Ethernet with a tag, IPv4, UDP, VXLAN. */
const HEADROOM = 14 + 4 + 20 + UDP_HLEN + VXLAN_HLEN;

/** For lookups that are over before the next begins. */
const flow = new Flow4();
const header = new Ipv4TxHeader();

/** Sends a frame to the other end of a tunnel. Takes ownership. `vxlan_xmit_one()` */
export function encapsulate(dev: Vxlan, frame: SkBuff, to: VxlanRemote): void {
  const { underlay, config } = dev;
  const bytes = frame.len - ETH_HLEN;
  if (frame.vlanTci >= 0) skbVlanPush(frame);
  const sport = sourcePort(dev, frame);
  const dport = to.port || config.port;
  const rt = routeTo(dev, frame, to, sport, dport);
  if (rt === null || (rt.dev as unknown) === dev) {
    if (rt === null) dev.stats.txCarrierErrors++;
    else dev.stats.collisions++;
    dev.stats.txErrors++;
    dev.drop(frame, 'ip_outnoroutes');
    return;
  }
  const inheritDf = config.df === 2 && innerDf(frame);
  header.fragOff = config.df === 1 || inheritDf ? IP_DF : 0;
  if (isTooBig(frame, rt, dev)) {
    dev.stats.txDropped++;
    dev.drop(frame, 'pkt_too_big');
    return;
  }
  const skb = withHeadroom(frame, HEADROOM);
  scrub(skb, dev.netns !== underlay);
  skb.sk = dev.socket;
  pushHeaders(skb, sport, dport, to.vni < 0 ? dev.vni : to.vni, config.udpCsum);
  header.protocol = IPPROTO_UDP;
  header.id = underlay.ipv4.ident.next(header.saddr, header.daddr, IPPROTO_UDP);
  dev.stats.txPackets++;
  dev.stats.txBytes += bytes + ETH_HLEN;
  underlay.ipv4.send(skb, rt, header);
}

/** Looks the way up, and fills in the addresses, TOS and TTL of the outer header. @returns null if there is none. `vxlan_get_route()` */
function routeTo(
  dev: Vxlan,
  frame: SkBuff,
  to: VxlanRemote,
  sport: number,
  dport: number,
): Rtable | null {
  const { underlay, config } = dev;
  flow.to(to.ip);
  flow.saddr = config.local;
  flow.oif = to.ifindex;
  flow.tos = dev.tosFor(frame) & 0xfc;
  flow.protocol = IPPROTO_UDP;
  flow.sport = sport;
  flow.dport = dport;
  if (underlay.ipv4.routeOutput(flow) !== undefined) return null;
  const rt = underlay.ipv4.rt as Rtable;
  header.saddr = flow.saddr;
  header.daddr = to.ip;
  header.tos = dev.tosFor(frame);
  header.ttl = ttlFor(dev, frame, to, rt);
  return rt;
}

function ttlFor(dev: Vxlan, frame: SkBuff, to: VxlanRemote, rt: Rtable): number {
  const { ttl, ttlInherit } = dev.config;
  if (ttlInherit && get16(frame.buf, frame.data + 12) === ETH_P_IP)
    return get8(frame.buf, frame.data + ETH_HLEN + 8);
  if (ttl !== 0) return ttl;
  if (isMulticast4(to.ip as Ipv4Addr)) return 1;
  return rt.route?.metrics.hoplimit ?? dev.underlay.ipv4.conf.ip_default_ttl;
}

/** The port says which flow a packet is of, so that routers can spread flows. `udp_flow_src_port()` */
function sourcePort(dev: Vxlan, frame: SkBuff): number {
  const { low, high } = dev.config.portRange;
  const [from, to] =
    low === 0 && high === 0 ? dev.underlay.ipv4.conf.ip_local_port_range : [low, high];
  return from + Math.floor((flowHash(frame, dev.vni) / 0x1_0000_0000) * (to - from));
}

function innerDf(frame: SkBuff): boolean {
  if (get16(frame.buf, frame.data + 12) !== ETH_P_IP) return false;
  return (get16(frame.buf, frame.data + ETH_HLEN + 6) & IP_DF) !== 0;
}

/** What must not be cut inside, and has no room in a packet of the path's size. `skb_tunnel_check_pmtu()` */
function isTooBig(frame: SkBuff, rt: Rtable, dev: Vxlan): boolean {
  const mtu = rt.mtu(dev.underlay.sim, false) - VXLAN_HEADROOM;
  return frame.len - ETH_HLEN > mtu && innerDf(frame);
}

function pushHeaders(
  skb: SkBuff,
  sport: number,
  dport: number,
  vni: number,
  withSum: boolean,
): void {
  const { buf } = skb;
  const vxlan = skb.push(VXLAN_HLEN);
  put32(buf, vxlan, FLAGS);
  put32(buf, vxlan + 4, vni << 8);
  const udp = skb.push(UDP_HLEN);
  put16(buf, udp + UdpOff.sport, sport);
  put16(buf, udp + UdpOff.dport, dport);
  put16(buf, udp + UdpOff.len, skb.len);
  put16(buf, udp + UdpOff.check, 0);
  if (!withSum) return;
  const pseudo = pseudoSum4(
    header.saddr as Ipv4Addr,
    header.daddr as Ipv4Addr,
    IPPROTO_UDP,
    skb.len,
  );
  put16(buf, udp + UdpOff.check, checksum(buf, udp, skb.len, pseudo) || 0xffff);
}
