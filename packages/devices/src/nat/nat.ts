/**
 * NAT of one namespace: binds each new connection to the ends that it shall have, at each of the two points where an end
 * can change, and rewrites the packets of all connections by what was bound.
 * Read beside Linux net/netfilter/nf_nat_core.c and nf_nat_proto.c, whose functions have the same names.
 */
import {
  IPV4_LOOPBACK,
  IPV6_LOOPBACK,
  type Ipv4Addr,
  type Ipv6Addr,
  isLinkLocal6,
} from '@labwire/core/addr';
import { get8, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_GRE, IPPROTO_ICMP, IPPROTO_ICMPV6 } from '@labwire/core/wire';
import type { Conntrack } from '../conntrack/conntrack.ts';
import {
  ctDir,
  IP_CT_IS_REPLY,
  IP_CT_NEW,
  IP_CT_RELATED,
  IP_CT_RELATED_REPLY,
  IPS_CONFIRMED,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
  type NfConn,
} from '../conntrack/nf-conn.ts';
import {
  canChangeGre,
  hasPorts,
  invertInto,
  invertTuple,
  isIcmp,
  PacketTuple,
  sameTuple,
  scratchTuple,
  type Tuple,
} from '../conntrack/tuple.ts';
import { RT_SCOPE_UNIVERSE } from '../fib/index.ts';
import type { Rtable } from '../ipv4/rtable.ts';
import type { Inet6Dev } from '../ipv6/inet6-dev.ts';
import type { NetDevice } from '../link/net-device.ts';
import { routeMeHarder } from '../netfilter/reroute.ts';
import type { NatTarget } from '../netfilter/xt/target.ts';
import { NF_ACCEPT, NF_DROP } from '../netfilter/xt/verdict.ts';
import type { Netns } from '../netns/netns.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { manglePacket, refreshIcmpCheck } from './mangle.ts';
import { SeqAdjust } from './seq-adjust.ts';
import { type Manip, type NatRange, TupleChooser } from './unique-tuple.ts';

const PRE_ROUTING = 0;
const LOCAL_OUT = 3;
const POST_ROUTING = 4;
const NAT_MASK = IPS_SRC_NAT | IPS_DST_NAT;
const DONE_MASK = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
const ICMP_REDIRECT = 5;
const NDISC_REDIRECT = 137;
/** Where an IPv4 header has the destination. */
const IP_DADDR = 16;

/** The end that a hook can change. HOOK2MANIP() */
function manipOf(hook: number): Manip {
  return hook === PRE_ROUTING || hook === LOCAL_OUT ? 'dst' : 'src';
}

/** What a NAT rule asks of its table. @returns NF_ACCEPT or NF_DROP */
export type NatChain = (
  skb: SkBuff,
  hook: number,
  indev: NetDevice | null,
  outdev: NetDevice | null,
) => number;

/** What the packet in hand is to become. */
const translated = scratchTuple();

/** An address of a device; a link-local one if the packet went to such a one. `nf_nat_redirect_ipv6_usable()` */
function usableOfScope(idev: Inet6Dev | undefined, daddr: Ipv6Addr): Ipv6Addr | undefined {
  return idev?.addrs.find((a) => a.usable && (!isLinkLocal6(daddr) || isLinkLocal6(a.addr)))?.addr;
}

/** NAT of one namespace. */
export class Nat {
  readonly #netns: Netns;
  readonly #tracking: Conntrack;
  readonly #chooser: TupleChooser;
  readonly #packet = new PacketTuple();
  /** Moved sequence numbers. */
  readonly seqAdjust: SeqAdjust = new SeqAdjust();

  constructor(netns: Netns, tracking: Conntrack) {
    tracking.seqOffset = (ct, dir, seq) => this.seqAdjust.offset(ct, dir, seq);
    this.#netns = netns;
    this.#tracking = tracking;
    this.#chooser = new TupleChooser(tracking, () => netns.kernel.random);
    tracking.onDestroy = (ct) => {
      if ((ct.status & IPS_SRC_NAT_DONE) !== 0) this.#chooser.forget(ct);
    };
  }

  /** Binds one end of a new connection. `nf_nat_setup_info()` @returns NF_ACCEPT */
  setup(ct: NfConn, range: NatRange, manip: Manip): number {
    if ((ct.status & IPS_CONFIRMED) !== 0) return NF_ACCEPT;
    const current = invertTuple(ct.reply) as Tuple;
    const chosen = this.#chooser.choose(current, range, ct, manip);
    if (!sameTuple(chosen, current)) {
      ct.reply = invertTuple(chosen) as Tuple;
      this.#tracking.assignHelper(ct);
      ct.status |= manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT;
    }
    if (manip === 'src') this.#chooser.remember(ct);
    ct.status |= manip === 'src' ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
    return NF_ACCEPT;
  }

  /** Binds an end to what it is. `__nf_nat_alloc_null_binding()` */
  setupNull(ct: NfConn, manip: Manip): number {
    const addr = manip === 'src' ? ct.reply.dst : ct.reply.src;
    return this.setup(ct, plainRange({ min: addr, max: addr }, undefined), manip);
  }

  /** Binds an end to one place. `nfnetlink_parse_nat_setup()` */
  setupTo(ct: NfConn, addr: InetAddr | undefined, port: number | undefined, manip: Manip): void {
    const addrs = addr === undefined ? undefined : { min: addr, max: addr };
    const ports = port === undefined ? undefined : { min: port, max: port };
    this.setup(ct, plainRange(addrs, ports), manip);
  }

  /**
   * Binds a connection that another one announced: it comes from where the other's answers come from, and leads to where
   * the other leads. `nf_nat_follow_master()`
   * @param dir of the expected connection, seen from the master
   * @param port that its receiver really has
   */
  followMaster(ct: NfConn, master: NfConn, dir: 0 | 1, port: number): void {
    const other = master.tuple(dir === 0 ? 1 : 0);
    this.setupTo(ct, other.dst, undefined, 'src');
    this.setupTo(ct, other.src, port, 'dst');
  }

  /** A packet at one of NAT's hooks; what came over lo with a route has none any more if it now leads elsewhere. `nf_nat_ipv4_pre_routing()` */
  run(
    skb: SkBuff,
    isIpv6: boolean,
    hook: number,
    indev: NetDevice | null,
    outdev: NetDevice | null,
    chain: NatChain | null,
  ): number {
    if (isIpv6 || hook !== PRE_ROUTING || skb.dst === null)
      return this.#run(skb, isIpv6, hook, indev, outdev, chain);
    const was = get32(skb.buf, skb.nh + IP_DADDR);
    const verdict = this.#run(skb, isIpv6, hook, indev, outdev, chain);
    if (verdict === NF_ACCEPT && get32(skb.buf, skb.nh + IP_DADDR) !== was) skb.dst = null;
    return verdict;
  }

  /** `nf_nat_inet_fn()` @param chain the nat table's rules for this hook */
  #run(
    skb: SkBuff,
    isIpv6: boolean,
    hook: number,
    indev: NetDevice | null,
    outdev: NetDevice | null,
    chain: NatChain | null,
  ): number {
    const ct = skb.ct as NfConn | null;
    if (ct === null) return NF_ACCEPT;
    const { ctinfo } = skb;
    if (ctinfo === IP_CT_RELATED || ctinfo === IP_CT_RELATED_REPLY) {
      const p = this.#packet;
      if (p.read(skb, skb.nh, isIpv6) && (p.proto === IPPROTO_ICMP || p.proto === IPPROTO_ICMPV6)) {
        if (!this.#icmpError(skb, ct, isIpv6, hook, p.thoff)) return NF_DROP;
        return hook === LOCAL_OUT ? this.#reroute(skb, ct, isIpv6) : NF_ACCEPT;
      }
    }
    const manip = manipOf(hook);
    const done = manip === 'src' ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
    const isNew =
      ctinfo === IP_CT_NEW || ctinfo === IP_CT_RELATED || ctinfo === IP_CT_RELATED_REPLY;
    if (isNew && (ct.status & done) === 0) {
      const verdict = chain === null ? NF_ACCEPT : chain(skb, hook, indev, outdev);
      if (verdict !== NF_ACCEPT) return verdict;
      if ((ct.status & done) === 0) this.setupNull(ct, manip);
    } else if (this.#leftByAnotherDevice(ct, hook, ctinfo, outdev)) {
      this.#tracking.remove(ct);
      return NF_DROP;
    }
    if (!this.#packetOut(skb, ct, isIpv6, hook)) return NF_DROP;
    return hook === LOCAL_OUT ? this.#reroute(skb, ct, isIpv6) : NF_ACCEPT;
  }

  /** A masqueraded connection whose packets now leave elsewhere is at an end. `nf_nat_oif_changed()` */
  #leftByAnotherDevice(
    ct: NfConn,
    hook: number,
    ctinfo: number,
    outdev: NetDevice | null,
  ): boolean {
    return (
      ct.masqIndex !== 0 &&
      hook === POST_ROUTING &&
      ctDir(ctinfo) === 0 &&
      outdev !== null &&
      ct.masqIndex !== outdev.ifindex
    );
  }

  /** `nf_nat_packet()` @returns false if it must be dropped */
  #packetOut(skb: SkBuff, ct: NfConn, isIpv6: boolean, hook: number): boolean {
    const manip = manipOf(hook);
    const dir = ctDir(skb.ctinfo);
    const bit = manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT;
    const wanted = dir === 1 ? bit ^ NAT_MASK : bit;
    if ((ct.status & wanted) === 0) return true;
    if (ct.orig.proto === IPPROTO_GRE && !canChange(skb, skb.nh, isIpv6, manip)) return false;
    invertInto(translated, ct.tuple(dir === 0 ? 1 : 0));
    manglePacket(skb, skb.nh, translated, manip);
    return true;
  }

  /** A new route for a packet of ours whose connection leads elsewhere. `nf_nat_ipv4_local_fn()` */
  #reroute(skb: SkBuff, ct: NfConn, isIpv6: boolean): number {
    if (isIpv6) return NF_ACCEPT; // the output path of IPv6 looks its route up again
    const dir = ctDir(skb.ctinfo);
    const same = ct.tuple(dir).dst === ct.tuple(dir === 0 ? 1 : 0).src;
    return same ? NF_ACCEPT : routeMeHarder(this.#netns, skb);
  }

  /**
   * Translates an ICMP error and what it quotes. `nf_nat_icmp_reply_translation()`
   * @returns false if it must be dropped
   */
  #icmpError(skb: SkBuff, ct: NfConn, isIpv6: boolean, hook: number, th: number): boolean {
    const type = get8(skb.buf, th);
    if (type === (isIpv6 ? NDISC_REDIRECT : ICMP_REDIRECT)) {
      if ((ct.status & DONE_MASK) !== DONE_MASK || (ct.status & NAT_MASK) !== 0) return false;
    }
    const manip = manipOf(hook);
    const dir = skb.ctinfo >= IP_CT_IS_REPLY ? 1 : 0;
    const bit = manip === 'src' ? IPS_SRC_NAT : IPS_DST_NAT;
    if ((ct.status & (dir === 1 ? bit ^ NAT_MASK : bit)) === 0) return true;
    const back = ct.tuple(dir === 0 ? 1 : 0);
    const inner = manip === 'src' ? 'dst' : 'src';
    if (!canChange(skb, th + 8, isIpv6, inner)) return false;
    manglePacket(skb, th + 8, back, inner);
    invertInto(translated, back);
    manglePacket(skb, skb.nh, translated, manip);
    refreshIcmpCheck(skb, th, isIpv6);
    return true;
  }

  /** What a NAT target does with the packet of a new connection. @returns NF_ACCEPT or NF_DROP */
  target(
    t: NatTarget,
    skb: SkBuff,
    isIpv6: boolean,
    hook: number,
    indev: NetDevice | null,
    outdev: NetDevice | null,
  ): number {
    const ct = skb.ct as NfConn | null;
    if (ct === null) return NF_ACCEPT;
    const manip = manipOf(hook);
    switch (t.kind) {
      case 'SNAT':
      case 'DNAT':
        return this.setup(ct, rangeOf(t, t.addrs), manip);
      case 'MASQUERADE':
        return this.#masquerade(t, ct, skb, isIpv6, outdev);
      case 'REDIRECT':
        return this.#redirect(t, ct, isIpv6, hook, indev);
      case 'NETMAP':
        return this.setup(ct, rangeOf(t, netmap(t, skb, isIpv6, manip)), manip);
    }
  }

  /** `nf_nat_masquerade_ipv4()`, `nf_nat_masquerade_ipv6()` */
  #masquerade(
    t: NatTarget,
    ct: NfConn,
    skb: SkBuff,
    isIpv6: boolean,
    outdev: NetDevice | null,
  ): number {
    if (outdev === null) return NF_DROP;
    if (!isIpv6 && ct.orig.src === 0) return NF_ACCEPT;
    const addr = isIpv6
      ? this.#netns.ipv6.selectSource(ct.reply.src as Ipv6Addr, outdev)
      : this.#netns.ipv4.selectAddr(outdev, nexthopOf(skb), RT_SCOPE_UNIVERSE);
    if (addr === null || addr === 0) return NF_DROP;
    ct.masqIndex = outdev.ifindex;
    const a = addr as Ipv4Addr | Ipv6Addr;
    return this.setup(ct, rangeOf(t, { min: a, max: a }), 'src');
  }

  /** `nf_nat_redirect_ipv4()`, `nf_nat_redirect_ipv6()` */
  #redirect(
    t: NatTarget,
    ct: NfConn,
    isIpv6: boolean,
    hook: number,
    indev: NetDevice | null,
  ): number {
    let addr: Ipv4Addr | Ipv6Addr | undefined;
    if (hook === LOCAL_OUT) addr = isIpv6 ? IPV6_LOOPBACK : IPV4_LOOPBACK;
    else if (isIpv6)
      addr =
        indev === null
          ? undefined
          : usableOfScope(this.#netns.ipv6.idev(indev), ct.orig.dst as Ipv6Addr);
    else addr = indev?.inDev?.ifaList[0]?.local as Ipv4Addr | undefined;
    if (addr === undefined) return NF_DROP;
    return this.setup(ct, rangeOf(t, { min: addr, max: addr }), 'dst');
  }

  /** A device is gone: what was masqueraded behind it ends. `masq_device_event()` */
  deviceDown(ifindex: number): void {
    this.#tracking.removeWhere((ct) => ct.masqIndex === ifindex);
  }

  /** An address is gone: what was masqueraded behind it ends. `masq_inet_event()` */
  addressGone(ifindex: number, addr: Ipv4Addr | Ipv6Addr): void {
    const is = (a: Tuple['dst']): boolean => sameTuple({ ...ANY, src: a }, { ...ANY, src: addr });
    this.#tracking.removeWhere((ct) => ct.masqIndex === ifindex && is(ct.reply.dst));
  }
}

const changed = new PacketTuple();
/** Bytes of the transport header that translation writes to. `udp_manip_pkt()`, `tcp_manip_pkt()` */
const CHANGED_HLEN = 8;

/** Whether as much of the packet at `nh` is there as must be to translate it. `l4proto_manip_pkt()` */
function canChange(skb: SkBuff, nh: number, isIpv6: boolean, manip: Manip): boolean {
  if (!changed.read(skb, nh, isIpv6)) return false;
  const { proto, thoff } = changed;
  if (proto === IPPROTO_GRE) return canChangeGre(skb, thoff, manip);
  return !(hasPorts(proto) || isIcmp(proto)) || thoff + CHANGED_HLEN <= skb.tail;
}

const ANY = { dst: 0 as Ipv4Addr, proto: 0, sport: 0, dport: 0 };

/** The gateway of a packet's route, or its destination. `rt_nexthop()` */
function nexthopOf(skb: SkBuff): number {
  const rt = skb.dst as Rtable | null;
  return rt === null || rt.gateway === 0 ? get32(skb.buf, skb.nh + 16) : rt.gateway;
}

function plainRange(addrs: NatRange['addrs'], ports: NatRange['ports']): NatRange {
  return { addrs, ports, basePort: undefined, random: false, persistent: false };
}

function rangeOf(t: NatTarget, addrs: NatRange['addrs']): NatRange {
  return {
    addrs,
    ports: t.ports,
    basePort: t.basePort,
    random: t.random || t.randomFully,
    persistent: t.persistent,
  };
}

/** The address of the other network in the same place. `netmap_tg4()` */
function netmap(t: NatTarget, skb: SkBuff, isIpv6: boolean, manip: Manip): NatRange['addrs'] {
  if (t.addrs === undefined) return undefined;
  const { min, max } = t.addrs;
  if (isIpv6 || typeof min !== 'number' || typeof max !== 'number') return netmap6(t, skb, manip);
  const mask = ~(min ^ max);
  const old = get32(skb.buf, skb.nh + (manip === 'src' ? 12 : 16));
  const addr = ((old & ~mask) | (min & mask)) as Ipv4Addr;
  return { min: addr, max: addr };
}

function netmap6(t: NatTarget, skb: SkBuff, manip: Manip): NatRange['addrs'] {
  const { min, max } = t.addrs as { min: Ipv6Addr; max: Ipv6Addr };
  const at = skb.nh + (manip === 'src' ? 8 : 24);
  const word = (i: number, lo: number, hi: number): number => {
    const mask = ~(lo ^ hi);
    return (get32(skb.buf, at + 4 * i) & ~mask) | (lo & mask);
  };
  const addr = {
    w0: word(0, min.w0, max.w0),
    w1: word(1, min.w1, max.w1),
    w2: word(2, min.w2, max.w2),
    w3: word(3, min.w3, max.w3),
  };
  return { min: addr, max: addr };
}
