import { getIpv6, type Ipv6Addr } from '@labwire/core/addr';
import { get8, get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { IPPROTO_FRAGMENT, Ipv6Chain, Ipv6Off, walkIpv6 } from '@labwire/core/wire';
import type { NetDevice } from '../../link/net-device.ts';
import type { Netns } from '../../netns/netns.ts';

/** The protocol of a packet whose headers do not end. */
const NO_TRANSPORT = -1;

const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_DCCP = 33;
const IPPROTO_SCTP = 132;
const IPPROTO_UDPLITE = 136;

/**
 * A packet as rules see it at one hook: what every rule asks is read once. One object per namespace and family is
 * used again for each packet. Linux `struct xt_action_param`, `struct nft_pktinfo`.
 */
export class XtPacket {
  readonly netns: Netns;
  readonly isIpv6: boolean;
  skb!: SkBuff;
  hook = 0;
  indev: NetDevice | null = null;
  outdev: NetDevice | null = null;
  iif = '';
  oif = '';
  /** IPv4 addresses. */
  saddr = 0;
  daddr = 0;
  /** IPv6 addresses; null in IPv4. */
  saddr6: Ipv6Addr | null = null;
  daddr6: Ipv6Addr | null = null;
  /** Transport protocol. */
  proto = 0;
  /** Fragment offset in bytes; not 0 means that there is no transport header. */
  fragOff = 0;
  /** Offset of the transport header in the buffer. */
  thoff = 0;
  /** Bytes from the IP header on. */
  len = 0;
  /** Ports of TCP, UDP, UDP-Lite, SCTP and DCCP; -1 where there are none. */
  sport = -1;
  dport = -1;
  /** A match has found the packet broken: it is dropped whatever the rules say. */
  hotdrop = false;
  /** TRACE was asked for: every rule that it meets is told of. */
  traced = false;
  readonly #chain = new Ipv6Chain();

  constructor(netns: Netns, isIpv6: boolean) {
    this.netns = netns;
    this.isIpv6 = isIpv6;
  }

  /** Looks at a packet whose IP header is at `skb.nh`. @returns false if its headers are broken */
  load(skb: SkBuff, hook: number, indev: NetDevice | null, outdev: NetDevice | null): boolean {
    this.skb = skb;
    this.hook = hook;
    this.indev = indev;
    this.outdev = outdev;
    this.iif = indev === null ? '' : indev.name;
    this.oif = outdev === null ? '' : outdev.name;
    this.hotdrop = false;
    this.traced = skb.nfTrace;
    this.len = skb.tail - skb.nh;
    return this.reload();
  }

  /** Reads the headers again, after a target has changed them. */
  reload(): boolean {
    const ok = this.isIpv6 ? this.#load6() : this.#load4();
    this.#loadPorts();
    return ok;
  }

  #load4(): boolean {
    const { buf, nh } = this.skb;
    this.saddr = get32(buf, nh + 12);
    this.daddr = get32(buf, nh + 16);
    this.proto = get8(buf, nh + 9);
    this.fragOff = (get16(buf, nh + 6) & 0x1fff) * 8;
    this.thoff = nh + (get8(buf, nh) & 0x0f) * 4;
    return this.thoff <= this.skb.tail;
  }

  #load6(): boolean {
    const { buf, nh, tail } = this.skb;
    this.saddr6 = getIpv6(buf, nh + Ipv6Off.saddr);
    this.daddr6 = getIpv6(buf, nh + Ipv6Off.daddr);
    const chain = this.#chain;
    if (walkIpv6(buf, nh, tail, chain) !== undefined) {
      this.proto = NO_TRANSPORT;
      this.fragOff = 0;
      this.thoff = tail;
      return false;
    }
    this.proto = chain.protocol;
    this.thoff = chain.off;
    this.fragOff = chain.laterFragment ? get16(buf, chain.fragment + 2) & 0xfff8 : 0;
    return this.proto !== IPPROTO_FRAGMENT;
  }

  #loadPorts(): void {
    const p = this.proto;
    const has =
      p === IPPROTO_TCP ||
      p === IPPROTO_UDP ||
      p === IPPROTO_SCTP ||
      p === IPPROTO_DCCP ||
      p === IPPROTO_UDPLITE;
    if (has && this.fragOff === 0 && this.thoff + 4 <= this.skb.tail) {
      this.sport = get16(this.skb.buf, this.thoff);
      this.dport = get16(this.skb.buf, this.thoff + 2);
    } else {
      this.sport = -1;
      this.dport = -1;
    }
  }

  /** Whether `n` bytes of transport header are there; a first fragment that is shorter is broken. */
  hasTransport(n: number): boolean {
    if (this.fragOff !== 0) return false;
    if (this.thoff + n <= this.skb.tail) return true;
    this.hotdrop = true;
    return false;
  }
}

/** Whether a compiled match holds for a packet. */
export type Matcher = (p: XtPacket) => boolean;
