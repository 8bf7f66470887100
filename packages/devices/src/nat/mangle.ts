/** Writes new addresses and ports into packets, mending every checksum by the difference. Linux net/netfilter/nf_nat_proto.c. */
import { getIpv6, type Ipv6Addr, putIpv6 } from '@labwire/core/addr';
import { get8, get16, get32, put16, put32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import {
  checksum,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  Ipv6Chain,
  Ipv6Off,
  pseudoSum6,
  updateCheck16,
  updateCheck32,
  walkIpv6,
} from '@labwire/core/wire';
import { hasPorts, isIcmp, type Tuple } from '../conntrack/tuple.ts';
import type { Manip } from './unique-tuple.ts';

const IPV4_CHECK = 10;
/** A quoted header that is shorter keeps its checksum. `tcp_manip_pkt()` */
const TCP_HLEN = 20;
const chain = new Ipv6Chain();

/** Where the checksum of a transport header is that covers the addresses; -1 if there is none, or it was left out. */
function checkOffset(buf: Uint8Array, proto: number, th: number, tail: number): number {
  const off =
    proto === IPPROTO_TCP
      ? 16
      : proto === IPPROTO_UDP || proto === IPPROTO_UDPLITE
        ? 6
        : proto === IPPROTO_ICMPV6
          ? 2
          : -1;
  if (off < 0 || th + off + 2 > tail) return -1;
  if (proto === IPPROTO_TCP && th + TCP_HLEN > tail) return -1;
  if (proto === IPPROTO_UDP && get16(buf, th + 6) === 0) return -1;
  return th + off;
}

/** A UDP checksum of 0 would mean that there is none. */
function putCheck(buf: Uint8Array, at: number, check: number, proto: number): void {
  put16(buf, at, check === 0 && proto === IPPROTO_UDP ? 0xffff : check);
}

/** Writes a port or ICMP identifier at `at`, mending the checksum at `checkAt`. */
function putPort(buf: Uint8Array, at: number, port: number, checkAt: number, proto: number): void {
  const old = get16(buf, at);
  if (old === port) return;
  put16(buf, at, port);
  if (checkAt >= 0) putCheck(buf, checkAt, updateCheck16(get16(buf, checkAt), old, port), proto);
}

function manglePorts(skb: SkBuff, proto: number, th: number, target: Tuple, manip: Manip): void {
  const { buf, tail } = skb;
  if (hasPorts(proto)) {
    if (th + 4 > tail) return;
    const checkAt = checkOffset(buf, proto, th, tail);
    if (manip === 'src') putPort(buf, th, target.sport, checkAt, proto);
    else putPort(buf, th + 2, target.dport, checkAt, proto);
  } else if (isIcmp(proto) && th + 8 <= tail && isQuery(proto, get8(buf, th))) {
    putPort(buf, th + 4, target.sport, th + 2, proto);
  }
}

/** Only queries and their answers have an identifier. */
function isQuery(proto: number, type: number): boolean {
  if (proto === IPPROTO_ICMP) return type === 0 || type === 8 || (type >= 13 && type <= 18);
  return type === 128 || type === 129;
}

function mangle4(skb: SkBuff, nh: number, target: Tuple, manip: Manip): void {
  const { buf, tail } = skb;
  const at = nh + (manip === 'src' ? 12 : 16);
  const addr = (manip === 'src' ? target.src : target.dst) as number;
  const proto = get8(buf, nh + 9);
  const th = nh + (get8(buf, nh) & 0x0f) * 4;
  const isLater = (get16(buf, nh + 6) & 0x1fff) !== 0;
  const old = get32(buf, at);
  if (old !== addr) {
    put32(buf, at, addr);
    put16(buf, nh + IPV4_CHECK, updateCheck32(get16(buf, nh + IPV4_CHECK), old, addr));
    const checkAt = isLater ? -1 : checkOffset(buf, proto, th, tail);
    if (checkAt >= 0 && proto !== IPPROTO_ICMPV6) {
      putCheck(buf, checkAt, updateCheck32(get16(buf, checkAt), old, addr), proto);
    }
  }
  if (!isLater) manglePorts(skb, proto, th, target, manip);
}

function mangle6(skb: SkBuff, nh: number, target: Tuple, manip: Manip): void {
  const { buf, tail } = skb;
  if (walkIpv6(buf, nh, tail, chain) !== undefined) return;
  const { protocol, off, laterFragment } = chain;
  const at = nh + (manip === 'src' ? Ipv6Off.saddr : Ipv6Off.daddr);
  const addr = (manip === 'src' ? target.src : target.dst) as Ipv6Addr;
  const checkAt = laterFragment ? -1 : checkOffset(buf, protocol, off, tail);
  if (checkAt >= 0) {
    let check = get16(buf, checkAt);
    check = updateCheck32(check, get32(buf, at), addr.w0);
    check = updateCheck32(check, get32(buf, at + 4), addr.w1);
    check = updateCheck32(check, get32(buf, at + 8), addr.w2);
    putCheck(buf, checkAt, updateCheck32(check, get32(buf, at + 12), addr.w3), protocol);
  }
  putIpv6(buf, at, addr);
  if (!laterFragment) manglePorts(skb, protocol, off, target, manip);
}

/** Makes one end of the packet whose IP header is at `nh` that of `target`. `nf_nat_manip_pkt()` */
export function manglePacket(skb: SkBuff, nh: number, target: Tuple, manip: Manip): void {
  if (typeof target.src === 'number') mangle4(skb, nh, target, manip);
  else mangle6(skb, nh, target, manip);
}

/** Computes the checksum of an ICMP error anew, after what it quotes has changed. `th`: its header. */
export function refreshIcmpCheck(skb: SkBuff, th: number, isIpv6: boolean): void {
  const { buf, nh, tail } = skb;
  put16(buf, th + 2, 0);
  const pseudo = isIpv6
    ? pseudoSum6(
        getIpv6(buf, nh + Ipv6Off.saddr),
        getIpv6(buf, nh + Ipv6Off.daddr),
        IPPROTO_ICMPV6,
        tail - th,
      )
    : 0;
  put16(buf, th + 2, checksum(buf, th, tail - th, pseudo));
}
