import {
  getIpv6,
  IPV6_ALL_NODES,
  type Ipv6Addr,
  ipv6,
  type MacAddr,
  putIpv6,
  sameIpv6,
} from '@labwire/core/addr';
import { get8, get48, put8, put16, put32, put48 } from '@labwire/core/bytes';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import {
  checkIpv6,
  ETH_HLEN,
  ETH_P_IPV6,
  EthernetOff,
  fillIcmpv6Checksum,
  ICMPV6_DEST_UNREACH,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_HLEN,
  ICMPV6_NOROUTE,
  IPPROTO_ICMPV6,
  IPV6_HLEN,
  Ipv6Header,
  writeIpv6,
} from '@labwire/core/wire';
import { newFrame } from './frames.ts';
import type { Ipv6Config } from './ipv6-config.ts';
import type { GuestLink } from './link.ts';

/** RFC 4861 section 4 */
const ROUTER_SOLICIT = 133;
const ROUTER_ADVERT = 134;
const NEIGHBOUR_SOLICIT = 135;
const NEIGHBOUR_ADVERT = 136;
/** QEMU itself on the link. */
const LINK_LOCAL: Ipv6Addr = ipv6(0xfe800000, 0, 0, 2);
/** in6_compute_ethaddr() */
const ROUTER_MAC: MacAddr = 0x5256_0000_0002 as MacAddr;
/** Bytes of an advertisement with its options: link address and prefix. */
const ADVERT_LEN = 16 + 8 + 32;
const ROUTER_LIFETIME = 1800;
const VALID_LIFETIME = 86_400;
const PREFERRED_LIFETIME = 14_400;
const ND_HOPS = 255;
const QUOTED = 1232;

/**
 * IPv6 of a user-mode network: a router that advertises its prefix and answers for itself. slirp src/ip6_icmp.c
 * @deviation the host is taken to have no way out by IPv6: whatever else the guest sends comes back as unreachable
 */
export class UserIpv6 {
  readonly #link: GuestLink;

  constructor(link: GuestLink) {
    this.#link = link;
  }

  /** A frame from the guest. Takes ownership. */
  input(skb: SkBuff): void {
    const at = skb.data + ETH_HLEN;
    if (checkIpv6(skb.buf, at, skb.tail) === undefined) this.#packet(skb, at);
    freeSkb(skb);
  }

  #packet(skb: SkBuff, at: number): void {
    const ip = new Ipv6Header(skb.buf, at);
    const mac = get48(skb.buf, skb.data + EthernetOff.src) as MacAddr;
    const off = at + IPV6_HLEN;
    const end = Math.min(skb.tail, off + ip.payloadLen);
    const toGroup = get8(skb.buf, at + 24) === 0xff;
    if (ip.nextHeader !== IPPROTO_ICMPV6 || end - off < ICMPV6_HLEN) {
      if (!toGroup && ip.nextHeader !== 0) this.#unreachable(skb, at, ip, mac);
      return;
    }
    const type = get8(skb.buf, off);
    if (type === ROUTER_SOLICIT) this.#advertise();
    else if (type === NEIGHBOUR_SOLICIT) this.#answerNeighbour(skb, off, ip, mac);
    else if (type === ICMPV6_ECHO_REQUEST) this.#echo(skb, at, off, end, ip, mac);
  }

  #isOwn(addr: Ipv6Addr): boolean {
    const { host, dns } = this.#link.config.v6;
    return [LINK_LOCAL, host, dns].some((own) => sameIpv6(own, addr));
  }

  /** Makes a message, has it filled in, and sends it. */
  #send(
    dst: MacAddr,
    saddr: Ipv6Addr,
    daddr: Ipv6Addr,
    length: number,
    fill: (buf: Uint8Array, at: number) => void,
  ): void {
    const { skb, at } = newFrame(dst, ROUTER_MAC, ETH_P_IPV6, IPV6_HLEN + length);
    const { buf } = skb;
    writeIpv6(buf, at, {
      trafficClass: 0,
      flowLabel: 0,
      payloadLen: length,
      nextHeader: IPPROTO_ICMPV6,
      hopLimit: ND_HOPS,
      saddr,
      daddr,
    });
    const off = at + IPV6_HLEN;
    buf.fill(0, off, off + length);
    fill(buf, off);
    fillIcmpv6Checksum(buf, off, off + length, saddr, daddr);
    this.#link.deliver(skb);
  }

  /** ndp_send_ra() */
  #advertise(): void {
    const allNodes = 0x3333_0000_0001 as MacAddr;
    this.#send(allNodes, LINK_LOCAL, IPV6_ALL_NODES, ADVERT_LEN, (buf, at) => {
      put8(buf, at, ROUTER_ADVERT);
      put8(buf, at + 4, 64);
      put16(buf, at + 6, ROUTER_LIFETIME);
      writeLinkAddress(buf, at + 16, 1);
      writePrefix(buf, at + 24, this.#link.config.v6);
    });
  }

  /** ndp_send_na() */
  #answerNeighbour(skb: SkBuff, off: number, ip: Ipv6Header, mac: MacAddr): void {
    if (skb.tail - off < 24) return;
    const target = getIpv6(skb.buf, off + 8);
    if (!this.#isOwn(target)) return;
    this.#send(mac, target, ip.saddr, 32, (buf, at) => {
      put8(buf, at, NEIGHBOUR_ADVERT);
      put8(buf, at + 4, 0xe0); // router, solicited, override
      putIpv6(buf, at + 8, target);
      writeLinkAddress(buf, at + 24, 2);
    });
  }

  /** icmp6_send_echoreply() */
  #echo(skb: SkBuff, at: number, off: number, end: number, ip: Ipv6Header, mac: MacAddr): void {
    const { daddr, saddr } = ip;
    if (!this.#isOwn(daddr)) {
      this.#unreachable(skb, at, ip, mac);
      return;
    }
    const data = skb.buf.subarray(off, end);
    this.#send(mac, daddr, saddr, data.length, (buf, to) => {
      buf.set(data, to);
      put8(buf, to, ICMPV6_ECHO_REPLY);
    });
  }

  /** icmp6_send_error() */
  #unreachable(skb: SkBuff, at: number, ip: Ipv6Header, mac: MacAddr): void {
    const quote = skb.buf.subarray(at, Math.min(skb.tail, at + QUOTED));
    this.#send(mac, LINK_LOCAL, ip.saddr, ICMPV6_HLEN + quote.length, (buf, to) => {
      put8(buf, to, ICMPV6_DEST_UNREACH);
      put8(buf, to + 1, ICMPV6_NOROUTE);
      buf.set(quote, to + ICMPV6_HLEN);
    });
  }
}

/** Source (1) or target (2) link-layer address. RFC 4861 section 4.6.1 */
function writeLinkAddress(buf: Uint8Array, at: number, type: number): void {
  put8(buf, at, type);
  put8(buf, at + 1, 1);
  put48(buf, at + 2, ROUTER_MAC);
}

/** RFC 4861 section 4.6.2 */
function writePrefix(buf: Uint8Array, at: number, { prefix, prefixLen }: Ipv6Config): void {
  put8(buf, at, 3);
  put8(buf, at + 1, 4);
  put8(buf, at + 2, prefixLen);
  put8(buf, at + 3, 0xc0); // on-link, autonomous
  put32(buf, at + 4, VALID_LIFETIME);
  put32(buf, at + 8, PREFERRED_LIFETIME);
  putIpv6(buf, at + 16, prefix);
}
