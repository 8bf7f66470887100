import { concat, get16 } from '../model/bytes.ts';
import {
  DESTINATION,
  type Extension,
  fragmentHeader,
  HOP_BY_HOP,
  optionsHeader,
  parseAddr6,
  ROUTING,
} from '../model/ipv6.ts';
import type { Dice } from './dice.ts';

/** Options of both options headers: what the two high bits of a type say is done by who does not know it. RFC 8200 section 4.2 */
const OPTIONS: readonly (readonly number[])[] = [
  [],
  [0, 0, 0],
  [1, 4, 0, 0, 0, 0],
  [1, 4, 0, 1, 0, 0], // padding that says something
  [1, 6, 0, 0, 0, 0, 0, 0], // and more than is needed
  [5, 2, 0, 0], // router alert
  [5, 2, 0, 5],
  [5, 3, 0, 0, 0],
  [0x1e, 2, 1, 2], // 00: passed over
  [0x5e, 4, 1, 2, 3, 4], // 01: dropped
  [0x9e, 2, 1, 2], // 10: told of
  [0xde, 2, 1, 2], // 11: told of unless many got it
  [0x3e, 2, 1, 2], // it may change on its way
  [0xc2, 4, 0, 1, 0, 0], // jumbo payload
  [0xc9, 16, 0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], // home address
  [4, 1, 3], // tunnel encapsulation limit
  [0x1e, 200, 1, 2], // ends behind the header
  [0x1e, 0, 0x3e, 0, 0x1e, 0, 0x1e, 0],
];

function options(dice: Dice, type: number): Extension {
  const header = optionsHeader(type, dice.pick(OPTIONS));
  if (dice.chance(0.05)) header.bytes[1] = dice.pick([1, 4, 255]);
  return header;
}

const ROUTES = ['2001:db8:a::2', '2001:db8:b::2', '2001:db8:c::2', '2001:db8:a::1', 'ff02::1'];

/** A routing header. RFC 2460 section 4.4, RFC 6275 section 6.4, RFC 8754 section 2 */
function routing(dice: Dice): Extension {
  const type = dice.pick([0, 0, 2, 3, 4, 99]);
  const addresses = dice.times(0, 2, () => parseAddr6(dice.pick(ROUTES)));
  const left = dice.weighted<number>([
    [5, 0],
    [3, addresses.length],
    [2, 1],
    [1, 9],
  ]);
  const last = type === 4 ? Math.max(0, addresses.length - 1) : 0;
  const head = [0, addresses.length * 2, type, left, last, 0, 0, dice.chance(0.1) ? 1 : 0];
  return { type: ROUTING, bytes: concat(head, ...addresses) };
}

/** Extension headers of a packet that is no fragment of several. */
export function extensions(dice: Dice, ids: () => number): Extension[] {
  const all: Extension[] = [];
  if (dice.chance(0.4)) all.push(options(dice, HOP_BY_HOP));
  if (dice.chance(0.35)) all.push(options(dice, DESTINATION));
  if (dice.chance(0.3)) all.push(routing(dice));
  // whole: nothing behind it (RFC 6946), though reserved bits may be set
  if (dice.chance(0.3)) all.push(fragmentHeader(dice.pick([0, 0, 0, 1, 2, 6, 8]), ids()));
  if (dice.chance(0.15)) all.push(options(dice, DESTINATION));
  if (dice.chance(0.05)) all.push(options(dice, HOP_BY_HOP));
  return all;
}

/** The last bytes of the solicited-node group of an address, and its MAC address. RFC 2464 section 7 */
export const groupMac = (group: Uint8Array): Uint8Array => concat([0x33, 0x33], group.subarray(12));

export const isGroup = (packet: Uint8Array): boolean => get16(packet, 24) >>> 8 === 0xff;
