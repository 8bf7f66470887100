/** Makes the bytes of steps' packets, those of answers out of what arrived. */
import {
  ICMP_ECHO,
  ICMP_ECHOREPLY,
  ICMP_TIMESTAMP,
  ICMP_TIMESTAMPREPLY,
  TCPHDR_ACK,
  TCPHDR_FIN,
  TCPHDR_SYN,
} from '@labwire/core/wire';
import {
  fragmentsOf,
  icmpErrorBytes,
  type PacketTraits,
  packetBytes,
  type Seen,
} from './packet.ts';
import type { AnswerStep, ErrorStep, SendStep } from './steps.ts';

/** The packets of a host's own: one, or its pieces in the order that the step gives. */
export function sendBytes({ packet, pieces }: SendStep): Uint8Array[] {
  const whole = packetBytes(packet);
  if (pieces === undefined) return [whole];
  const cut = fragmentsOf(whole, pieces.size);
  const order = pieces.order.filter((i) => i < cut.length);
  const rest = cut.map((_, i) => i).filter((i) => !order.includes(i));
  return [...order, ...rest].map((i) => cut[i] as Uint8Array);
}

/** A packet back to where `seen` seems to come from. */
export function reply(seen: Seen, { src, dport, traits }: AnswerStep): Uint8Array {
  const proto = seen.proto ?? 'udp';
  const port = dport ?? seen.src.port;
  return packetBytes({
    proto,
    src: { ...seen.dst, ...src, ...(proto === 'icmp' ? { port } : {}) },
    dst: { addr: seen.src.addr, port },
    ...(proto === 'tcp' ? tcpReply(seen) : {}),
    ...(proto === 'icmp' ? { icmpType: replyType(seen.icmpType) } : {}),
    ...traits,
  });
}

function replyType(query: number): number {
  if (query === ICMP_ECHO) return ICMP_ECHOREPLY;
  return query === ICMP_TIMESTAMP ? ICMP_TIMESTAMPREPLY : query;
}

/** What a peer's TCP would answer: a SYN with SYN and ACK, all else with ACK. */
function tcpReply({ flags, seq, ack, payload }: Seen): PacketTraits {
  const isSyn = (flags & TCPHDR_SYN) !== 0;
  const took = payload.length + (isSyn ? 1 : 0) + ((flags & TCPHDR_FIN) !== 0 ? 1 : 0);
  return {
    flags: isSyn && (flags & TCPHDR_ACK) === 0 ? TCPHDR_SYN | TCPHDR_ACK : TCPHDR_ACK,
    seq: (flags & TCPHDR_ACK) === 0 ? 5000 : ack,
    ack: (seq + took) >>> 0,
  };
}

/** An ICMP error about `seen`. */
export function errorBytes(seen: Seen, { src, dst, error }: ErrorStep): Uint8Array {
  return icmpErrorBytes(src, dst ?? seen.src.addr, seen.bytes, error);
}
