import { answerIpv6, answerSolicitation } from './answer6.ts';
import { concat, fromHex, get16, toHex } from './bytes.ts';
import type { Answer } from './case.ts';
import { type Bytes, ethernet, ICMP, icmp, ipv4, mendIpv4, mendTransport } from './ipv4.ts';
import { replyTo } from './reply.ts';

/** IP identifications of answers: of those that inputs use, so that they are never taken for the router's. */
const ANSWER_ID = 0x10f0;

/** What a host answers to a frame, in hexadecimal; undefined if it has nothing to say. */
export function answerFrame(hex: string, how: Answer): string | undefined {
  const frame = fromHex(hex);
  const [dst, src] = [frame.subarray(0, 6), frame.subarray(6, 12)];
  const type = get16(frame, 12);
  const body = frame.subarray(14);
  if (type === 0x0806) return how.type === 'reply' ? answerArp(body, src) : undefined;
  if (type === 0x86dd && how.type === 'reply') {
    const told = answerSolicitation(body, src);
    if (told !== undefined) return told;
  }
  if (((dst[0] as number) & 1) !== 0) return undefined;
  const answer =
    type === 0x0800 ? answerIpv4(body, how) : type === 0x86dd ? answerIpv6(body, how) : undefined;
  return answer === undefined ? undefined : toHex(ethernet(src, dst, type, answer));
}

/** The host that is asked for has the MAC address 02:00:00:aa and the end of its address. */
function answerArp(arp: Bytes, asker: Bytes): string | undefined {
  if (get16(arp, 6) !== 1) return undefined;
  const mac = concat([2, 0, 0, 0xaa], arp.subarray(26, 28));
  const reply = concat([0, 1, 8, 0, 6, 4, 0, 2], mac, arp.subarray(24, 28), arp.subarray(8, 18));
  return toHex(ethernet(asker, mac, 0x0806, reply));
}

function answerIpv4(packet: Bytes, how: Answer): Bytes | undefined {
  const hlen = ((packet[0] as number) & 15) * 4;
  if (how.type === 'bounce') {
    const copy = packet.slice();
    copy[8] = how.ttl;
    mendIpv4(copy);
    return copy;
  }
  const [src, dst] = [packet.subarray(12, 16), packet.subarray(16, 20)];
  if (how.type === 'error') {
    const message = icmp(how.icmpType, how.code, how.info, packet.subarray(0, how.quote));
    mendTransport(src, ICMP, message);
    return ipv4({ src: dst, dst: src, protocol: ICMP, id: ANSWER_ID, ttl: 64 }, message);
  }
  if ((get16(packet, 6) & 0x1fff) !== 0) return undefined;
  const protocol = packet[9] as number;
  const reply = replyTo(protocol, packet.subarray(hlen), how);
  if (reply === undefined) return undefined;
  mendTransport(concat(dst, src), protocol, reply);
  return ipv4({ src: dst, dst: src, protocol, id: ANSWER_ID + 1, ttl: how.ttl }, reply);
}
