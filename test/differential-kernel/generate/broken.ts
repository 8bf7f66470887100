import { get16, put16 } from '../model/bytes.ts';
import { type Bytes, checksumAt, mendIpv4 } from '../model/ipv4.ts';
import type { Dice } from './dice.ts';

type Break = (dice: Dice, packet: Bytes) => Bytes;

const hlenOf = (b: Bytes): number => ((b[0] as number) & 15) * 4;

/** Changes a byte. */
const spoilAt =
  (where: (b: Bytes) => number): Break =>
  (dice, b) => {
    const at = where(b);
    if (at < b.length) b[at] = (b[at] as number) ^ dice.int(1, 255);
    return b;
  };

/** Changes a byte of the transport. */
const spoil = (at: number): Break => spoilAt((b) => hlenOf(b) + at);

/** Changes a field of the IP header, and mends its checksum. */
const ipField =
  (at: number, value: (dice: Dice, b: Bytes) => number): Break =>
  (dice, b) => {
    b[at] = value(dice, b);
    const hlen = hlenOf(b);
    if (hlen >= 20 && hlen <= b.length) mendIpv4(b);
    return b;
  };

/** Changes a packet in place. */
const inPlace =
  (change: (dice: Dice, packet: Bytes) => void): Break =>
  (dice, b) => {
    change(dice, b);
    return b;
  };

/** The same, and mends the IP checksum. */
const header = (change: (dice: Dice, packet: Bytes) => void): Break =>
  inPlace((dice, b) => {
    change(dice, b);
    mendIpv4(b);
  });

/** The same, of a packet of one protocol. */
const transport = (protocol: number, change: (dice: Dice, b: Bytes, at: number) => void): Break =>
  inPlace((dice, b) => {
    if (b[9] === protocol) change(dice, b, hlenOf(b));
  });

/** Ends early; the IP header says so. */
function short(dice: Dice, b: Bytes): Bytes {
  const cut = b.slice(0, Math.min(b.length, hlenOf(b) + dice.below(24)));
  put16(cut, 2, cut.length);
  mendIpv4(cut);
  return cut;
}

const FRAGS = [0x2000, 0x2001, 1, 0x1fff, 0x3fff, 0x6000, 0x8000];

/** Ways in which IPv4 packets go wrong, by weight. */
export const BREAKS: readonly (readonly [number, string, Break])[] = [
  [2, 'bad IP checksum', spoilAt(() => 10)],
  [3, 'bad transport checksum', (d, b) => spoil(Math.max(0, checksumAt(b[9] as number)))(d, b)],
  [1, 'no UDP checksum', transport(17, (_, b, at) => put16(b, at + 6, 0))],
  [2, 'truncated', (d, b) => b.slice(0, d.below(b.length))],
  [2, 'truncated transport', (d, b) => b.slice(0, Math.min(b.length, hlenOf(b) + d.below(24)))],
  [3, 'short, told by its length', short],
  [1, 'total length too large', header((d, b) => put16(b, 2, get16(b, 2) + d.int(1, 40)))],
  [1, 'total length too small', header((d, b) => put16(b, 2, get16(b, 2) - d.int(1, 20)))],
  [0.5, 'header length', ipField(0, (d) => 0x40 | d.below(16))],
  [0.5, 'version', ipField(0, (d) => (d.pick([0, 5, 6, 15]) << 4) | 5)],
  [
    1,
    'UDP length',
    transport(17, (d, b, at) => put16(b, at + 4, d.pick([0, 7, 8, 9, 200, get16(b, at + 4) + 1]))),
  ],
  [
    1,
    'TCP data offset',
    transport(6, (d, b, at) => {
      b[at + 12] = d.below(16) << 4;
    }),
  ],
  [2, 'time to live', ipField(8, (d) => d.pick([0, 1, 1, 2]))],
  [1, 'a lone fragment', header((d, b) => put16(b, 6, d.pick(FRAGS)))],
  [1, "don't fragment", header((_, b) => put16(b, 6, 0x4000))],
  [1, 'some byte', (d, b) => spoil(d.below(40))(d, b)],
];

const OPTIONS: readonly (readonly number[])[] = [
  [1, 1, 1, 0],
  [7, 7, 4, 0, 0, 0, 0, 0], // record route
  [7, 11, 8, 9, 9, 9, 9, 0, 0, 0, 0, 0],
  [7, 7, 8, 9, 9, 9, 9, 0], // full
  [68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0], // time stamps
  [68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0], // with addresses
  [68, 12, 5, 3, 10, 0, 0, 1, 0, 0, 0, 0], // of given addresses
  [148, 4, 0, 0], // router alert
  [131, 7, 4, 10, 0, 0, 2, 0], // loose source route
  [137, 7, 4, 192, 0, 2, 2, 0], // strict source route
  [131, 11, 4, 192, 0, 2, 2, 10, 0, 0, 3, 0],
  [130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // security
  [7, 2, 4, 0],
  [7, 50, 4, 0],
  [1, 7, 7, 4, 0, 0, 0, 0],
  [200, 3, 0, 0],
  [0, 0, 0, 0],
];

/** Options of an IP header, whole words. */
export const ipOptions = (dice: Dice): Bytes => Uint8Array.from(dice.pick(OPTIONS));

/** Breaks a packet. */
export function breakPacket(
  dice: Dice,
  packet: Bytes,
): { readonly note: string; readonly packet: Bytes } {
  const [, note, how] = dice.weighted(BREAKS.map((b) => [b[0], b] as const));
  return { note, packet: how(dice, packet.slice()) };
}
