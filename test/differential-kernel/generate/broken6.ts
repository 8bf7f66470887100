import { get16, put16 } from '../model/bytes.ts';
import { type Bytes, checksumAt, TCP, UDP } from '../model/ipv4.ts';
import { HLEN, transportOf } from '../model/ipv6.ts';
import type { Dice } from './dice.ts';
import type { Noted } from './traffic.ts';

type Break = (dice: Dice, packet: Bytes) => Bytes;

const change =
  (how: (dice: Dice, b: Bytes) => void): Break =>
  (dice, b) => {
    how(dice, b);
    return b;
  };

const spoil = (dice: Dice, b: Bytes, at: number): void => {
  if (at >= 0 && at < b.length) b[at] = (b[at] as number) ^ dice.int(1, 255);
};

/** Changes a packet of one protocol, whose header is at `at`. */
const transport = (protocol: number, how: (dice: Dice, b: Bytes, at: number) => void): Break =>
  change((dice, b) => {
    const found = transportOf(b);
    if (found.protocol === protocol && found.at + 8 <= b.length) how(dice, b, found.at);
  });

const cutBehind = (dice: Dice, b: Bytes): Bytes =>
  b.slice(0, Math.min(b.length, transportOf(b).at + dice.below(24)));

/** Ends early; the IP header says so. */
function short(dice: Dice, b: Bytes): Bytes {
  const cut = cutBehind(dice, b);
  if (cut.length >= HLEN) put16(cut, 4, cut.length - HLEN);
  return cut;
}

/** Ways in which IPv6 packets go wrong, by weight. */
const BREAKS: readonly (readonly [number, string, Break])[] = [
  [
    3,
    'bad transport checksum',
    change((d, b) => {
      const { protocol, at } = transportOf(b);
      spoil(d, b, at + Math.max(0, checksumAt(protocol)));
    }),
  ],
  [1, 'no UDP checksum', transport(UDP, (_, b, at) => put16(b, at + 6, 0))],
  [2, 'truncated', (d, b) => b.slice(0, d.below(b.length))],
  [2, 'truncated transport', cutBehind],
  [3, 'short, told by its length', short],
  [1, 'payload length too large', change((d, b) => put16(b, 4, get16(b, 4) + d.int(1, 40)))],
  [
    1,
    'payload length too small',
    change((d, b) => put16(b, 4, Math.max(0, get16(b, 4) - d.int(1, 20)))),
  ],
  [0.5, 'no payload length', change((_, b) => put16(b, 4, 0))],
  [
    0.5,
    'version',
    change((d, b) => {
      b[0] = d.pick([0, 4, 5, 15]) << 4;
    }),
  ],
  [
    1,
    'UDP length',
    transport(UDP, (d, b, at) => put16(b, at + 4, d.pick([0, 7, 8, 9, 200, get16(b, at + 4) + 1]))),
  ],
  [
    1,
    'TCP data offset',
    transport(TCP, (d, b, at) => {
      b[at + 12] = d.below(16) << 4;
    }),
  ],
  [
    2,
    'hop limit',
    change((d, b) => {
      b[7] = d.pick([0, 1, 1, 2]);
    }),
  ],
  [
    1,
    'next header',
    change((d, b) => {
      b[6] = d.pick([0, 43, 44, 50, 51, 58, 59, 60, 135, 139, 140, 200]);
    }),
  ],
  [1, 'some byte', change((d, b) => spoil(d, b, HLEN + d.below(40)))],
];

/** Breaks a packet. */
export function breakPacket6(dice: Dice, packet: Bytes): Noted {
  const [, note, how] = dice.weighted(BREAKS.map((b) => [b[0], b] as const));
  return { note, packet: how(dice, packet.slice()) };
}
