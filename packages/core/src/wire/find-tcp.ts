import { get8, get16 } from '../bytes/index.ts';
import { ETH_P_8021AD, ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6, IPPROTO_TCP } from './constants.ts';
import { EthernetOff } from './ethernet.ts';
import { IPV4_MIN_HLEN, Ipv4Off } from './ipv4.ts';
import { IPV6_HLEN, Ipv6Off } from './ipv6/index.ts';
import { TCP_MIN_HLEN, TcpOff } from './tcp.ts';

/** Bytes of a VLAN tag. */
const VLAN_HLEN = 4;

/** Where the headers of a TCP segment are, as offsets in its buffer. */
export class TcpPlace {
  /** IPv6, not IPv4. */
  v6 = false;
  /** The IP header. */
  nh = 0;
  /** The TCP header. */
  th = 0;
  /** The first byte behind it. */
  text = 0;
}

/**
 * Finds IP, TCP and text behind the Ethernet header at `off`, VLAN tags between allowed for. An IPv6 extension header counts
 * as no TCP.
 * @returns whether there is TCP, with its headers whole before `end`
 */
export function findTcp(buf: Uint8Array, off: number, end: number, place: TcpPlace): boolean {
  let at = off + EthernetOff.type;
  let type = at + 2 <= end ? get16(buf, at) : 0;
  while ((type === ETH_P_8021Q || type === ETH_P_8021AD) && at + VLAN_HLEN + 2 <= end) {
    at += VLAN_HLEN;
    type = get16(buf, at);
  }
  const nh = at + 2;
  const v6 = type === ETH_P_IPV6;
  if ((!v6 && type !== ETH_P_IP) || nh + IPV4_MIN_HLEN > end) return false;
  const th = v6 ? nh + IPV6_HLEN : nh + (get8(buf, nh) & 0x0f) * 4;
  if (get8(buf, nh + (v6 ? Ipv6Off.nextHeader : Ipv4Off.protocol)) !== IPPROTO_TCP) return false;
  if (th + TCP_MIN_HLEN > end) return false;
  place.v6 = v6;
  place.nh = nh;
  place.th = th;
  place.text = th + (get8(buf, th + TcpOff.dataOffset) >>> 4) * 4;
  return place.text <= end;
}
