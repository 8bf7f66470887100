import { get8, get32 } from '@labwire/core/bytes';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  ICMP_DEST_UNREACH,
  ICMP_PORT_UNREACH,
  IPPROTO_GRE,
  IPPROTO_IPIP,
  IPPROTO_IPV6,
  Ipv4Off,
} from '@labwire/core/wire';
import type { Netns } from '../../netns/netns.ts';
import { ecnDecapsulate } from './ecn.ts';
import { GreHeader } from './gre-header.ts';
import type { IpTunnel } from './ip-tunnel.ts';
import { GRE_KEY, type TunnelKind, type TunnelParms } from './parms.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
/** GRE's protocol type of Ethernet frames. ETH_P_TEB */
const ETH_P_TEB = 0x6558;

/** For headers that are done with before the next comes. */
const gre = new GreHeader();

/** The tunnels of a namespace, and whom a packet from outside is for. Linux `struct ip_tunnel_net` */
export class TunnelTable {
  readonly netns: Netns;
  #tunnels: readonly IpTunnel[] = [];

  constructor(netns: Netns) {
    this.netns = netns;
  }

  add(tunnel: IpTunnel): void {
    this.#tunnels = [...this.#tunnels, tunnel];
  }

  delete(tunnel: IpTunnel): void {
    this.#tunnels = this.#tunnels.filter((t) => t !== tunnel);
  }

  /** A tunnel between the same ends. `ip_tunnel_find()` */
  twin(kind: TunnelKind, parms: TunnelParms): IpTunnel | undefined {
    const { local, remote, link, iflags, ikey } = parms;
    return this.#tunnels.find(
      ({ kind: k, parms: p }) =>
        k === kind &&
        p.local === local &&
        p.remote === remote &&
        p.link === link &&
        (p.iflags & GRE_KEY) === (iflags & GRE_KEY) &&
        p.ikey === ikey,
    );
  }

  /** A packet for us, `skb.data` behind its IPv4 header. Takes ownership if it is for tunnels. @returns whether it is */
  receive(skb: SkBuff, protocol: number): boolean {
    switch (protocol) {
      case IPPROTO_IPIP:
        return this.#receiveIp(skb, ETH_P_IP, protocol);
      case IPPROTO_IPV6:
        return this.#receiveIp(skb, ETH_P_IPV6, protocol);
      case IPPROTO_GRE:
        return this.#receiveGre(skb);
      default:
        return false;
    }
  }

  #receiveIp(skb: SkBuff, etherType: number, protocol: number): boolean {
    const kinds: readonly TunnelKind[] = protocol === IPPROTO_IPIP ? ['ipip', 'sit'] : ['sit'];
    if (!this.#tunnels.some((t) => kinds.includes(t.kind))) return false;
    for (const kind of kinds) {
      const tunnel = this.#find(skb, kind, 0, 0);
      if (tunnel === undefined) continue;
      if (tunnel.parms.proto !== 0 && tunnel.parms.proto !== protocol) continue;
      this.#deliver(tunnel, skb, etherType);
      return true;
    }
    return this.#refuse(skb);
  }

  #receiveGre(skb: SkBuff): boolean {
    if (!this.#tunnels.some((t) => t.kind === 'gre' || t.kind === 'gretap')) return false;
    if (!gre.read(skb.buf, skb.data, skb.tail)) {
      this.netns.drop(skb, 'not_specified');
      return true;
    }
    const kind = gre.protocol === ETH_P_TEB ? 'gretap' : 'gre';
    const tunnel = this.#find(skb, kind, gre.flags, gre.key);
    if (tunnel === undefined) return this.#refuse(skb);
    if (!tunnel.accepts(gre.flags, gre.seq)) {
      this.netns.drop(skb, 'not_specified');
      return true;
    }
    skb.pull(gre.length);
    this.#deliver(tunnel, skb, gre.protocol);
    return true;
  }

  /** Nobody takes it. */
  #refuse(skb: SkBuff): boolean {
    this.netns.ipv4.icmp.send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
    freeSkb(skb);
    return true;
  }

  #deliver(tunnel: IpTunnel, skb: SkBuff, etherType: number): void {
    const outerTos = get8(skb.buf, skb.nh + Ipv4Off.tos);
    const congested = (outerTos & IP_CE_BITS) === IP_CE_BITS;
    if (congested && !ecnDecapsulate(skb, etherType)) {
      tunnel.stats.rxErrors++;
      this.netns.drop(skb, 'not_specified');
      return;
    }
    tunnel.decapsulated(skb, etherType);
  }

  /** The tunnel that fits best: both ends, then the other end, then ours, then any, then the fallback. `ip_tunnel_lookup()` */
  #find(skb: SkBuff, kind: TunnelKind, flags: number, key: number): IpTunnel | undefined {
    const saddr = get32(skb.buf, skb.nh + Ipv4Off.saddr) >>> 0;
    const daddr = get32(skb.buf, skb.nh + Ipv4Off.daddr) >>> 0;
    let best: IpTunnel | undefined;
    let bestScore = 0;
    for (const tunnel of this.#tunnels) {
      const score = tunnel.kind === kind ? scoreOf(tunnel, saddr, daddr, flags, key) : 0;
      if (score <= bestScore) continue;
      best = tunnel;
      bestScore = score;
    }
    return best;
  }
}

/** Both bits of the TOS byte that say that there was congestion. RFC 3168 section 5 */
const IP_CE_BITS = 0x03;

function scoreOf(t: IpTunnel, saddr: number, daddr: number, flags: number, key: number): number {
  const { local, remote, iflags, ikey } = t.parms;
  if (!t.isUp) return 0;
  if (t.isFallback) return 1;
  const sameKey =
    (iflags & GRE_KEY) === 0 ? (flags & GRE_KEY) === 0 : (flags & GRE_KEY) !== 0 && ikey === key;
  if (!sameKey) return 0;
  if ((local !== 0 && local !== daddr) || (remote !== 0 && remote !== saddr)) return 0;
  return 2 + (remote !== 0 ? 2 : 0) + (local !== 0 ? 1 : 0);
}
