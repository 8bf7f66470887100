import type { Ipv4Addr, Ipv6Addr, MacAddr } from '@labwire/core/addr';
import { ipv6 } from '@labwire/core/addr';
import { ETH_P_IP, ETH_P_IPV6 } from '@labwire/core/wire';
import { macHi, macLo } from '../../link/index.ts';

/** What a group is: a protocol, a VLAN, an address, and a source where only its traffic is meant. Linux `struct br_ip`. */
export class GroupKey {
  /** ETH_P_IP, ETH_P_IPV6, or 0 for an address of the link. */
  proto = 0;
  /** 0 on a bridge that does not filter. */
  vid = 0;
  // The address in words: one of IPv4, the two halves of a MAC, four of IPv6.
  w0 = 0;
  w1 = 0;
  w2 = 0;
  w3 = 0;
  // The source likewise; zeros for all.
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;

  /** A group of IPv4. */
  setIpv4(addr: number, vid: number): this {
    return this.#set(ETH_P_IP, vid, addr | 0, 0, 0, 0);
  }

  /** A group of IPv6. */
  setIpv6({ w0, w1, w2, w3 }: Ipv6Addr, vid: number): this {
    return this.#set(ETH_P_IPV6, vid, w0 | 0, w1 | 0, w2 | 0, w3 | 0);
  }

  /** A group of the link, by the halves of its address. */
  setLink(hi: number, lo: number, vid: number): this {
    return this.#set(0, vid, hi, lo | 0, 0, 0);
  }

  #set(proto: number, vid: number, w0: number, w1: number, w2: number, w3: number): this {
    this.proto = proto;
    this.vid = vid;
    this.w0 = w0;
    this.w1 = w1;
    this.w2 = w2;
    this.w3 = w3;
    return this.setSource(0, 0, 0, 0);
  }

  /** Means the traffic of one source; with zeros of all. */
  setSource(s0: number, s1: number, s2: number, s3: number): this {
    this.s0 = s0;
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = s3;
    return this;
  }

  /** Whether it has a source. `!br_multicast_is_star_g()` */
  get hasSource(): boolean {
    return (this.s0 | this.s1 | this.s2 | this.s3) !== 0;
  }

  /** A number by which few others are. */
  get hash(): number {
    let h = Math.imul(this.w0 ^ this.s0, 0x85ebca6b) ^ this.w3;
    h = Math.imul(h ^ this.w1 ^ this.s3, 0xc2b2ae35) ^ this.w2 ^ (this.vid << 16) ^ this.proto;
    return (h ^ (h >>> 15)) & 0x3fff_ffff;
  }

  equals(k: GroupKey): boolean {
    return (
      this.w0 === k.w0 &&
      this.w1 === k.w1 &&
      this.w2 === k.w2 &&
      this.w3 === k.w3 &&
      this.vid === k.vid &&
      this.proto === k.proto &&
      this.s0 === k.s0 &&
      this.s1 === k.s1 &&
      this.s2 === k.s2 &&
      this.s3 === k.s3
    );
  }

  copy(): GroupKey {
    return Object.assign(new GroupKey(), this);
  }
}

/** A group's address, or its source's, as users give it. */
export type GroupAddr = Ipv4Addr | Ipv6Addr | { readonly mac: MacAddr };

/** The group of an address. */
export function groupKey(addr: GroupAddr, vid: number): GroupKey {
  const key = new GroupKey();
  if (typeof addr === 'number') return key.setIpv4(addr, vid);
  if ('mac' in addr) return key.setLink(macHi(addr.mac), macLo(addr.mac), vid);
  return key.setIpv6(addr, vid);
}

/** The address of a group. */
export function groupAddr({ proto, w0, w1, w2, w3 }: GroupKey): GroupAddr {
  if (proto === ETH_P_IP) return w0 as Ipv4Addr;
  if (proto === ETH_P_IPV6) return ipv6(w0 >>> 0, w1 >>> 0, w2 >>> 0, w3 >>> 0);
  return { mac: (w0 * 0x1_0000_0000 + (w1 >>> 0)) as MacAddr };
}

/** The source of a group; undefined for any. */
export function groupSource(key: GroupKey): Ipv4Addr | Ipv6Addr | undefined {
  if (!key.hasSource) return undefined;
  const { proto, s0, s1, s2, s3 } = key;
  if (proto === ETH_P_IP) return s0 as Ipv4Addr;
  return ipv6(s0 >>> 0, s1 >>> 0, s2 >>> 0, s3 >>> 0);
}
