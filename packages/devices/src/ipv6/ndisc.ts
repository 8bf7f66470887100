/**
 * Neighbour discovery: solicitations and advertisements, duplicate address detection's probes, router solicitations
 * and what router advertisements bring.
 *
 * Read first: RFC 4861, RFC 4862 section 5.4, RFC 7559. Linux net/ipv6/ndisc.c.
 */
import {
  getIpv6,
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  IPV6_ANY,
  type Ipv6Addr,
  isLinkLocal6,
  isMulticast6,
  type MacAddr,
  sameIpv6,
  solicitedNode,
} from '@labwire/core/addr';
import { get8, get48, getU32, put8, put16, put32 } from '@labwire/core/bytes';
import { type Nanos, SEC } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  fillIcmpv6Checksum,
  IPPROTO_ICMPV6,
  Ipv6Off,
  isBadLladdr,
  ND_OPT_SOURCE_LL_ADDR,
  ND_OPT_TARGET_LL_ADDR,
  NDISC_NEIGHBOUR_ADVERTISEMENT,
  NDISC_NEIGHBOUR_SOLICITATION,
  NDISC_ROUTER_ADVERTISEMENT,
  NDISC_ROUTER_SOLICITATION,
  type NdMessage,
  type NeighAdvertisement,
  type NeighSolicitation,
  ndMessageLength,
  readNdMessage,
  writeNdMessage,
} from '@labwire/core/wire';
import type { NetDevice } from '../link/net-device.ts';
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  type Neigh,
  type NeighProxy,
  ProxyQueue,
} from '../neigh/index.ts';
import type { Inet6Addr } from './inet6-addr.ts';
import type { Inet6Dev } from './inet6-dev.ts';
import { newIp6Skb } from './ip6-build.ts';
import type { Ipv6 } from './ipv6.ts';
import { sendRedirect } from './redirect.ts';
import { usableHop } from './route6.ts';
import { receiveRouterAdvertisement } from './router-advertisement.ts';

/** RFC 3971 section 5.3.2, used by RFC 7527. */
const ND_OPT_NONCE = 14;
const NONCE_LEN = 8;
/** Neighbour discovery never crosses a router. RFC 4861 section 3.1 */
const HOP_LIMIT = 255;

/** Bytes of a solicitation or advertisement of a neighbour without its options. RFC 4861 section 4.3 */
const NEIGHBOURS_LEN = 24;

const isNeighbours = ({ type }: NdMessage): boolean =>
  type === NDISC_NEIGHBOUR_SOLICITATION || type === NDISC_NEIGHBOUR_ADVERTISEMENT;

/** Neighbour discovery of one namespace. */
export class Ndisc {
  readonly #ip6: Ipv6;
  #proxied: ProxyQueue | null = null;

  constructor(ip6: Ipv6) {
    this.#ip6 = ip6;
  }

  /** Handles a message whose checksum is right. Takes ownership. `ndisc_rcv()` @param delayed it has waited for its answer */
  receive(skb: SkBuff, idev: Inet6Dev, delayed = false): void {
    const { buf, nh, th, tail } = skb;
    // suppress_frag_ndisc
    if (skb.fragMaxSize > 0) {
      this.#ip6.netns.drop(skb, 'ipv6_ndisc_frag');
      return;
    }
    if (get8(buf, nh + Ipv6Off.hopLimit) !== HOP_LIMIT) {
      this.#ip6.netns.drop(skb, 'ipv6_ndisc_hop_limit');
      return;
    }
    if (get8(buf, th + 1) !== 0) {
      this.#ip6.netns.drop(skb, 'ipv6_ndisc_bad_code');
      return;
    }
    const message = readNdMessage(buf, th, tail);
    if (message === undefined) {
      this.#ip6.netns.drop(skb, 'ipv6_ndisc_bad_options');
      return;
    }
    const lladdrOption =
      message.type === NDISC_NEIGHBOUR_SOLICITATION ? ND_OPT_SOURCE_LL_ADDR : ND_OPT_TARGET_LL_ADDR;
    if (isNeighbours(message) && isBadLladdr(buf, th + NEIGHBOURS_LEN, tail, lladdrOption)) {
      this.#ip6.netns.drop(skb, 'not_specified');
      return;
    }
    const saddr = getIpv6(buf, nh + Ipv6Off.saddr);
    const daddr = getIpv6(buf, nh + Ipv6Off.daddr);
    switch (message.type) {
      case NDISC_NEIGHBOUR_SOLICITATION:
        if (!delayed && this.#answersLater(skb, message, idev, daddr)) return;
        this.#receiveNs(
          message,
          idev,
          saddr,
          daddr,
          nonceOf(skb),
          get48(buf, skb.mac + 6) as MacAddr,
        );
        break;
      case NDISC_NEIGHBOUR_ADVERTISEMENT:
        this.#receiveNa(message, idev, daddr);
        break;
      case NDISC_ROUTER_SOLICITATION:
        this.#receiveRs(saddr, message.options.sourceLladdr, idev);
        break;
      case NDISC_ROUTER_ADVERTISEMENT:
        if (isLinkLocal6(saddr)) receiveRouterAdvertisement(this.#ip6, idev, saddr, message);
        break;
    }
    freeSkb(skb);
  }

  /** `ndisc_recv_ns()` */
  #receiveNs(
    m: NeighSolicitation,
    idev: Inet6Dev,
    saddr: Ipv6Addr,
    daddr: Ipv6Addr,
    nonce: number | undefined,
    lladdrOnWire: MacAddr,
  ): void {
    if (isMulticast6(m.target)) return;
    const isDad = sameIpv6(saddr, IPV6_ANY);
    const { sourceLladdr } = m.options;
    if (isDad && !(isSolicitedNode(daddr) && sourceLladdr === undefined)) return;
    const addr = idev.find(m.target);
    if (addr !== undefined && !addr.usable) {
      if (isDad && nonce !== addr.dadNonce && lladdrOnWire !== idev.dev.addr)
        this.#ip6.addrconf.dadFailed(addr);
      return;
    }
    const isAnycast = addr === undefined && this.#isAnycast(m.target, idev);
    const proxy = addr === undefined && !isAnycast ? this.#proxyOf(m.target, idev) : undefined;
    if (addr === undefined && !isAnycast && proxy === undefined) return;
    const router = proxy === undefined ? idev.conf.forwarding !== 0 : proxy.router;
    const override = addr !== undefined;
    if (isDad) {
      this.#sendNa(idev.dev, IPV6_ALL_NODES, m.target, router, false, override, true);
      return;
    }
    const asked = isMulticast6(daddr);
    const { neigh } = this.#ip6;
    const entry =
      !asked || sourceLladdr !== undefined
        ? neigh.lookupOrCreate(saddr, idev.dev)
        : neigh.lookup(saddr, idev.dev);
    if (entry === null) return;
    const flags = NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE;
    entry.update(sourceLladdr ?? null, 'stale', flags);
    this.#sendNa(idev.dev, saddr, m.target, router, true, override && asked, asked);
  }

  /** `ipv6_chk_acast_addr()` */
  #isAnycast(target: Ipv6Addr, idev: Inet6Dev): boolean {
    return this.#ip6.fib.lookup(target, idev.dev, usableHop)?.type === 'anycast';
  }

  /** The entry by which an address is answered for somebody else. `pndisc_is_router()` */
  #proxyOf(target: Ipv6Addr, idev: Inet6Dev): NeighProxy | undefined {
    if (idev.conf.forwarding === 0) return undefined;
    if (idev.conf.proxy_ndp === 0 && this.#ip6.confAll.proxy_ndp === 0) return undefined;
    return this.#ip6.neigh.proxyOf(target, idev.dev);
  }

  /** Whether a solicitation is kept, for the owner of the address to answer first. `pneigh_enqueue()` */
  #answersLater(skb: SkBuff, m: NeighSolicitation, idev: Inet6Dev, daddr: Ipv6Addr): boolean {
    if (!isMulticast6(daddr) || idev.find(m.target) !== undefined) return false;
    if (this.#proxyOf(m.target, idev) === undefined) return false;
    const { proxyDelay, proxyQueueLen } = this.#ip6.resolver.params(idev.dev);
    if (proxyDelay === 0) return false;
    const { sim, kernel } = this.#ip6.netns;
    const drop = (over: SkBuff) => this.#ip6.netns.drop(over, 'not_specified');
    this.#proxied ??= new ProxyQueue(sim, (later) => this.#answerProxied(later), drop);
    this.#proxied.add(skb, kernel.random.below(proxyDelay), proxyQueueLen);
    return true;
  }

  #answerProxied(skb: SkBuff): void {
    const { in6Dev, running } = skb.dev as NetDevice;
    if (in6Dev === null || !running) freeSkb(skb);
    else this.receive(skb, in6Dev, true);
  }

  /** Answers no more for what came in at a device that has gone down. */
  deviceDown(dev: NetDevice): void {
    this.#proxied?.purge(dev);
  }

  /** Notes a sender's link-layer address. */
  #learn(dev: NetDevice, addr: Ipv6Addr, lladdr: MacAddr | undefined, flags: number): Neigh | null {
    const neigh =
      lladdr === undefined
        ? this.#ip6.neigh.lookup(addr, dev)
        : this.#ip6.neigh.lookupOrCreate(addr, dev);
    if (neigh !== null && lladdr !== undefined) neigh.update(lladdr, 'stale', flags);
    return neigh;
  }

  /** `ndisc_recv_na()` */
  #receiveNa(m: NeighAdvertisement, idev: Inet6Dev, daddr: Ipv6Addr): void {
    if (isMulticast6(m.target) || (isMulticast6(daddr) && m.solicited)) return;
    const addr = idev.find(m.target);
    if (addr !== undefined) {
      if (!addr.usable) this.#ip6.addrconf.dadFailed(addr);
      return;
    }
    const neigh = this.#ip6.neigh.lookup(m.target, idev.dev);
    if (neigh === null || neigh.nud === 'failed') return;
    const flags =
      NEIGH_UPDATE_F_WEAK_OVERRIDE |
      (m.override ? NEIGH_UPDATE_F_OVERRIDE : 0) |
      NEIGH_UPDATE_F_OVERRIDE_ISROUTER |
      (m.router ? NEIGH_UPDATE_F_ISROUTER : 0);
    neigh.update(m.options.targetLladdr ?? null, m.solicited ? 'reachable' : 'stale', flags);
  }

  #receiveRs(saddr: Ipv6Addr, lladdr: MacAddr | undefined, idev: Inet6Dev): void {
    if (idev.conf.forwarding === 0 || sameIpv6(saddr, IPV6_ANY)) return;
    const flags =
      NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER;
    this.#learn(idev.dev, saddr, lladdr, flags);
  }

  /** Asks for a neighbour. `ndisc_solicit()`, `ndisc_send_ns()` */
  solicit(neigh: Neigh, skb: SkBuff | null, unicast: boolean): void {
    const target = neigh.dst as Ipv6Addr;
    const src = this.#sourceFor(neigh.dev, skb);
    if (src === undefined) return;
    const options = { sourceLladdr: neigh.dev.addr };
    const message: NdMessage = { type: NDISC_NEIGHBOUR_SOLICITATION, target, options };
    this.#send(
      neigh.dev,
      src,
      unicast ? target : solicitedNode(target),
      message,
      unicast ? neigh.lladdr : undefined,
    );
  }

  /** The packet's own source if it is the device's, else its link-local address. */
  #sourceFor(dev: NetDevice, skb: SkBuff | null): Ipv6Addr | undefined {
    const idev = this.#ip6.idev(dev);
    if (skb !== null) {
      const own = getIpv6(skb.buf, skb.nh + Ipv6Off.saddr);
      if (idev?.find(own)?.usable === true) return own;
    }
    return idev?.linkLocal()?.addr;
  }

  /** One probe of duplicate address detection. `ndisc_send_ns()` with a nonce, RFC 7527 */
  sendDadProbe(a: Inet6Addr): void {
    const message: NdMessage = { type: NDISC_NEIGHBOUR_SOLICITATION, target: a.addr, options: {} };
    const group = solicitedNode(a.addr);
    const skb = this.#build(IPV6_ANY, group, message, NONCE_LEN);
    const at = skb.tail - NONCE_LEN;
    put8(skb.buf, at, ND_OPT_NONCE);
    put8(skb.buf, at + 1, 1);
    put16(skb.buf, at + 2, a.dadNonce ^ (a.dadNonce >>> 16));
    put32(skb.buf, at + 4, a.dadNonce);
    fillIcmpv6Checksum(skb.buf, skb.th, skb.tail, IPV6_ANY, group);
    this.#ip6.output.sendOnLink(skb, a.idev.dev, group);
  }

  #sendNa(
    dev: NetDevice,
    dst: Ipv6Addr,
    target: Ipv6Addr,
    router: boolean,
    solicited: boolean,
    override: boolean,
    withLladdr: boolean,
  ): void {
    const src =
      this.#ip6.idev(dev)?.find(target)?.usable === true
        ? target
        : this.#ip6.selectSource(dst, dev);
    if (src === null) return;
    const options = withLladdr ? { targetLladdr: dev.addr } : {};
    const message: NdMessage = {
      type: NDISC_NEIGHBOUR_ADVERTISEMENT,
      target,
      router,
      solicited,
      override,
      options,
    };
    this.#send(dev, src, dst, message, undefined);
  }

  #build(src: Ipv6Addr, dst: Ipv6Addr, message: NdMessage, extra = 0): SkBuff {
    const skb = newIp6Skb(ndMessageLength(message) + extra, src, dst, IPPROTO_ICMPV6, HOP_LIMIT);
    writeNdMessage(skb.buf, skb.th, message);
    return skb;
  }

  #send(
    dev: NetDevice,
    src: Ipv6Addr,
    dst: Ipv6Addr,
    message: NdMessage,
    lladdr: MacAddr | undefined,
  ): void {
    const skb = this.#build(src, dst, message);
    fillIcmpv6Checksum(skb.buf, skb.th, skb.tail, src, dst);
    this.#ip6.output.sendOnLink(skb, dev, dst, lladdr);
  }

  /** Tells a host of a better way. See {@link sendRedirect} */
  sendRedirect(
    skb: SkBuff,
    idev: Inet6Dev,
    saddr: Ipv6Addr,
    daddr: Ipv6Addr,
    gateway: Ipv6Addr | null,
  ): void {
    sendRedirect(this.#ip6, skb, idev, saddr, daddr, gateway);
  }

  /** Begins to look for routers. `addrconf_dad_completed()`, RFC 7559 */
  startSolicitingRouters(idev: Inet6Dev): void {
    if (idev.conf.router_solicitations === 0) return;
    idev.rsProbes = 1;
    const span = idev.conf.router_solicitation_interval * SEC;
    idev.rsInterval = Math.floor(span * (0.9 + 0.2 * this.#ip6.netns.kernel.random.fraction()));
    this.#sendRs(idev);
    idev.solicitIn(idev.rsInterval);
  }

  /** Stops looking for routers. */
  stopSolicitingRouters(idev: Inet6Dev): void {
    idev.stopSoliciting();
  }

  /** @internal `addrconf_rs_timer()` */
  routerSolicitationTimer(idev: Inet6Dev): void {
    const { conf } = idev;
    if (!idev.ready || idev.raReceived || conf.forwarding !== 0) return;
    if (conf.router_solicitations >= 0 && idev.rsProbes >= conf.router_solicitations) return;
    idev.rsProbes++;
    this.#sendRs(idev);
    idev.rsInterval = this.#nextRsInterval(
      idev.rsInterval,
      conf.router_solicitation_max_interval * SEC,
    );
    idev.solicitIn(idev.rsInterval);
  }

  /** Doubles, within a tenth, up to a limit. `rfc3315_s14_backoff_update()` */
  #nextRsInterval(last: Nanos, max: Nanos): Nanos {
    const jitter = 0.9 + 0.2 * this.#ip6.netns.kernel.random.fraction();
    const next = last * (1 + jitter);
    return Math.floor(next > max ? max * jitter : next);
  }

  #sendRs(idev: Inet6Dev): void {
    const src = idev.linkLocal()?.addr;
    if (src === undefined) return;
    const options = { sourceLladdr: idev.dev.addr };
    this.#send(
      idev.dev,
      src,
      IPV6_ALL_ROUTERS,
      { type: NDISC_ROUTER_SOLICITATION, options },
      undefined,
    );
  }
}

/** Whether it is a group of those whose addresses end alike. RFC 4291 section 2.7.1; `ipv6_addr_is_solict_mult()` */
function isSolicitedNode({ w0, w1, w2, w3 }: Ipv6Addr): boolean {
  return w0 >>> 0 === 0xff02_0000 && w1 === 0 && w2 === 1 && w3 >>> 24 === 0xff;
}

/** The nonce of a solicitation, by its last 32 bits. */
function nonceOf(skb: SkBuff): number | undefined {
  const { buf, th, tail } = skb;
  for (let at = th + 24; at + 8 <= tail; at += 8 * Math.max(1, get8(buf, at + 1))) {
    if (get8(buf, at) === ND_OPT_NONCE) return getU32(buf, at + 4);
  }
  return undefined;
}
