import type { Ipv4Addr } from '@labwire/core/addr';
import { get16, put16 } from '@labwire/core/bytes';
import {
  checkIpv4,
  checksum,
  checksumOk,
  checkUdp,
  IPPROTO_UDP,
  IPV4_MIN_HLEN,
  Ipv4Header,
  ipv4ChecksumOk,
  pseudoSum4,
  UDP_HLEN,
  UdpHeader,
  UdpOff,
  writeIpv4,
  writeUdp,
} from '@labwire/core/wire';

/** Where a datagram of a packet socket comes from and goes to. */
export interface RawFlow {
  readonly saddr: Ipv4Addr;
  readonly daddr: Ipv4Addr;
  readonly sport: number;
  readonly dport: number;
}

/** What a client chooses for the IP header of its raw packets. */
export interface RawHeader {
  readonly tos: number;
  readonly ttl: number;
  /** Identification and flags word. */
  readonly id: number;
  readonly fragOff: number;
}

/** A datagram with its IP header: what a client without an address sends through a packet socket. */
export function writeRawDatagram(
  flow: RawFlow,
  header: RawHeader,
  payload: Uint8Array,
): Uint8Array {
  const len = UDP_HLEN + payload.length;
  const packet = new Uint8Array(IPV4_MIN_HLEN + len);
  const { saddr, daddr, sport, dport } = flow;
  writeIpv4(packet, 0, {
    ...header,
    totLen: packet.length,
    protocol: IPPROTO_UDP,
    saddr,
    daddr,
    options: undefined,
  });
  writeUdp(packet, IPV4_MIN_HLEN, { sport, dport, len, check: 0 });
  packet.set(payload, IPV4_MIN_HLEN + UDP_HLEN);
  const sum = checksum(packet, IPV4_MIN_HLEN, len, pseudoSum4(saddr, daddr, IPPROTO_UDP, len));
  put16(packet, IPV4_MIN_HLEN + UdpOff.check, sum || 0xffff);
  return packet;
}

/**
 * Reads a datagram out of an IP packet.
 * @returns undefined if it is not a whole, intact datagram; trailing bytes of the frame are no part of it
 */
export function readRawDatagram(
  packet: Uint8Array,
): (RawFlow & { readonly payload: Uint8Array }) | undefined {
  if (checkIpv4(packet, 0, packet.length) !== undefined || !ipv4ChecksumOk(packet, 0))
    return undefined;
  const ip = new Ipv4Header(packet, 0);
  const { saddr, daddr, totLen, hlen } = ip;
  if (ip.protocol !== IPPROTO_UDP || ip.isFragment) return undefined;
  if (checkUdp(packet, hlen, totLen) !== undefined) return undefined;
  const { sport, dport, len } = new UdpHeader(packet, hlen);
  const pseudo = pseudoSum4(saddr, daddr, IPPROTO_UDP, len);
  if (get16(packet, hlen + UdpOff.check) !== 0 && !checksumOk(packet, hlen, len, pseudo))
    return undefined;
  return { saddr, daddr, sport, dport, payload: packet.slice(hlen + UDP_HLEN, hlen + len) };
}
