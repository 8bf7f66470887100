import { concat, get16, toHex } from './bytes.ts';
import type { Answer } from './case.ts';
import { type Bytes, ethernet, ICMPV6, icmp, mendTransport } from './ipv4.ts';
import { HLEN, ipv6, transportOf } from './ipv6.ts';
import { replyTo } from './reply.ts';

const SOLICITATION = 135;
const ADVERTISEMENT = 136;
/** Solicited, and in place of what was known. RFC 4861 section 4.4 */
const FLAGS = 0x6000_0000;

/** The host that is asked for has the MAC address 02:00:00:aa and the end of its address. */
export function answerSolicitation(packet: Bytes, asker: Bytes): string | undefined {
  if (packet.length < HLEN + 24 || packet[6] !== ICMPV6 || packet[HLEN] !== SOLICITATION)
    return undefined;
  const target = packet.subarray(HLEN + 8, HLEN + 24);
  const to = packet.subarray(8, 24);
  const mac = concat([2, 0, 0, 0xaa], target.subarray(14));
  const message = icmp(ADVERTISEMENT, 0, FLAGS, concat(target, [2, 1], mac));
  mendTransport(concat(target, to), ICMPV6, message);
  const reply = ipv6({ src: target, dst: to, nextHeader: ICMPV6, hopLimit: 255 }, message);
  return toHex(ethernet(asker, mac, 0x86dd, reply));
}

/** What a host says to a packet that it got; undefined for nothing. */
export function answerIpv6(packet: Bytes, how: Answer): Bytes | undefined {
  if (packet.length < HLEN) return undefined;
  if (how.type === 'bounce') {
    const copy = packet.slice();
    copy[7] = how.ttl;
    return copy;
  }
  const [src, dst] = [packet.subarray(8, 24), packet.subarray(24, 40)];
  const back = { src: dst, dst: src };
  if (how.type === 'error') {
    const message = icmp(how.icmpType, how.code, how.info, packet.subarray(0, how.quote));
    mendTransport(concat(dst, src), ICMPV6, message);
    return ipv6({ ...back, nextHeader: ICMPV6, hopLimit: 64 }, message);
  }
  const { protocol, at, later } = transportOf(packet);
  if (later) return undefined;
  const reply = replyTo(protocol, packet.subarray(at, HLEN + get16(packet, 4)), how);
  if (reply === undefined) return undefined;
  mendTransport(concat(dst, src), protocol, reply);
  return ipv6({ ...back, nextHeader: protocol, hopLimit: how.ttl }, reply);
}
