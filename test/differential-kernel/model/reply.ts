import { get16, get32 } from './bytes.ts';
import type { Answer } from './case.ts';
import { ACK, type Bytes, FIN, ICMP, ICMPV6, RST, SYN, TCP, tcp, UDP, udp } from './ipv4.ts';

/** ICMP types that are answered by another. */
const ECHO: Readonly<Record<number, number>> = { 8: 0, 13: 14 };

/** The transport of what comes back; its checksum is not set yet. */
export function replyTo(
  protocol: number,
  was: Bytes,
  how: Extract<Answer, { type: 'reply' }>,
): Bytes | undefined {
  const data = new Uint8Array(how.payload).fill(0x61);
  const [sport, dport] = [get16(was, 0), get16(was, 2)];
  if (protocol === UDP) return udp(dport, sport, data);
  if (protocol === TCP && was.length >= 20) return segmentBack(was, sport, dport, data, how);
  const reply = protocol === ICMP ? ECHO[was[0] as number] : undefined;
  const reply6 = protocol === ICMPV6 && was[0] === 128 ? 129 : undefined;
  if (reply !== undefined || reply6 !== undefined) {
    const echo = was.slice();
    echo[0] = (reply ?? reply6) as number;
    return echo;
  }
  return undefined;
}

/** The segment that goes on from one, as its receiver would send it. RFC 9293 section 3.10 */
function segmentBack(
  was: Bytes,
  sport: number,
  dport: number,
  data: Bytes,
  how: Extract<Answer, { type: 'reply' }>,
): Bytes {
  const got = get16(was, 12) & 0xfff;
  const doff = ((was[12] as number) >>> 4) * 4;
  const length = was.length - doff + ((got & SYN) !== 0 ? 1 : 0) + ((got & FIN) !== 0 ? 1 : 0);
  const handshake = (got & (SYN | ACK)) === SYN;
  const flags = how.flags ?? (handshake ? SYN | ACK : ACK);
  const seq = (got & ACK) !== 0 ? get32(was, 8) : 0x5000_0000;
  const options =
    (flags & (SYN | RST)) === SYN ? Uint8Array.of(2, 4, 5, 0xb4, 1, 3, 3, 7) : new Uint8Array(0);
  const back = {
    sport: dport,
    dport: sport,
    seq: (seq + how.seqOff) >>> 0,
    ack: (flags & ACK) !== 0 ? (get32(was, 4) + length + how.ackOff) >>> 0 : 0,
  };
  return tcp({ ...back, flags, window: 8192, options }, data);
}
