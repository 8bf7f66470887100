import type { U32Key } from '@labwire/devices/qdisc';
import { type ManualRow, rowsOf } from '../../../machine/index.ts';
import {
  type Args,
  parseInteger,
  parseUnsigned,
  tryPrefix,
  unsupported,
} from '../../parse/index.ts';

/** A selector is not one; the message is the caller's. */
export class BadMatch extends Error {}

type Keys = U32Key[];

function fail(): never {
  throw new BadMatch();
}

/** Adds a word, or a part of one that is compared already. Source: iproute2 tc/f_u32.c, pack_key(). */
function pack(keys: Keys, val: number, mask: number, off: number, offmask = 0): void {
  const value = (val & mask) >>> 0;
  const at = keys.findIndex((k) => k.off === off && k.offmask === offmask);
  if (at >= 0) {
    const old = keys[at] as U32Key;
    if (((value ^ old.val) & mask & old.mask) >>> 0 !== 0) fail();
    keys[at] = { ...old, val: (old.val | value) >>> 0, mask: (old.mask | mask) >>> 0 };
    return;
  }
  if (off % 4 !== 0 || keys.length >= 128) fail();
  keys.push({ val: value, mask: mask >>> 0, off, offmask });
}

function pack16(keys: Keys, val: number, mask: number, off: number, offmask = 0): void {
  if (val > 0xffff || mask > 0xffff) fail();
  const shift = (off & 3) === 0 ? 16 : 0;
  pack(keys, val << shift, mask << shift, off & ~3, offmask);
}

function pack8(keys: Keys, val: number, mask: number, off: number, offmask = 0): void {
  if (val > 0xff || mask > 0xff) fail();
  const shift = 24 - (off & 3) * 8;
  pack(keys, val << shift, mask << shift, off & ~3, offmask);
}

interface Place {
  off: number;
  offmask: number;
}

/** Reads `at OFFSET` if it is there. */
function readAt(args: Args, off: number, offmask: number): Place {
  if (!args.is('at')) return { off, offmask };
  const text = args.value();
  const behind = text.startsWith('nexthdr+');
  const number = behind && text.length > 8 ? text.slice(8) : behind ? args.value() : text;
  const at = parseInteger(number);
  if (at === undefined) fail();
  args.skip();
  return { off: at, offmask: behind ? -1 : offmask };
}

/** Reads VALUE MASK, the mask hexadecimal, and perhaps where. */
function readValue(args: Args, off: number, offmask = 0): Place & { val: number; mask: number } {
  if (args.left < 2) fail();
  const val = parseUnsigned(args.take());
  const text = args.take();
  const mask = /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined;
  if (val === undefined || mask === undefined) fail();
  return { val, mask, ...readAt(args, off, offmask) };
}

type Packer = typeof pack;

function number(args: Args, keys: Keys, packer: Packer, off: number, offmask = 0): void {
  const v = readValue(args, off, offmask);
  packer(keys, v.val, v.mask, v.off, v.offmask);
}

function ipAddress(args: Args, keys: Keys, off: number): void {
  const prefix = tryPrefix(args.take(), 'inet');
  if (prefix === undefined || typeof prefix.addr !== 'number') fail();
  const place = readAt(args, off, 0);
  const mask = prefix.bitlen === 0 ? 0 : -1 << (32 - prefix.bitlen);
  pack(keys, prefix.addr, mask, place.off, place.offmask);
}

function ip6Address(args: Args, keys: Keys, off: number): void {
  const prefix = tryPrefix(args.take(), 'inet6');
  if (prefix === undefined || typeof prefix.addr === 'number' || prefix.addr === undefined) fail();
  const place = readAt(args, off, 0);
  const { w0, w1, w2, w3 } = prefix.addr;
  [w0, w1, w2, w3].forEach((word, i) => {
    const bits = prefix.bitlen - 32 * i;
    if (bits > 0)
      pack(keys, word, bits >= 32 ? -1 : -1 << (32 - bits), place.off + 4 * i, place.offmask);
  });
}

/** How one field of a header is compared; `args` is behind its name. */
type Field = (args: Args, keys: Keys) => void;

const field8 =
  (off: number): Field =>
  (args, keys) =>
    number(args, keys, pack8, off);
const field16 =
  (off: number): Field =>
  (args, keys) =>
    number(args, keys, pack16, off);
const fragment =
  (val: number, mask: number): Field =>
  (_args, keys) =>
    pack16(keys, val, mask, 6);

/** Fields of the IPv4 header, and those that are behind it where it has no options. */
const IP: Readonly<Record<string, Field>> = {
  src: (args, keys) => ipAddress(args, keys, 12),
  dst: (args, keys) => ipAddress(args, keys, 16),
  nofrag: fragment(0, 0x3fff),
  firstfrag: fragment(0x2000, 0x3fff),
  df: fragment(0x4000, 0x4000),
  mf: fragment(0x2000, 0x2000),
  tos: field8(1),
  dsfield: field8(1),
  precedence: field8(1),
  ihl: field8(0),
  protocol: field8(9),
  icmp_type: field8(20),
  icmp_code: field8(21),
  sport: field16(20),
  dport: field16(22),
};

const IP6: Readonly<Record<string, Field>> = {
  src: (args, keys) => ip6Address(args, keys, 8),
  dst: (args, keys) => ip6Address(args, keys, 24),
  priority: (args, keys) => {
    const { val, mask } = readValue(args, 0);
    if (val > 0xff || mask > 0xff) fail();
    pack(keys, val << 20, mask << 20, 0);
  },
  protocol: field8(6),
  flowlabel: (args, keys) => number(args, keys, pack, 0),
  dport: field16(42),
  sport: field16(40),
  icmp_type: field8(40),
  icmp_code: field8(41),
};

const ETHER: Readonly<Record<string, Field>> = {
  src: (args, keys) => macAddress(args, keys, -8),
  dst: (args, keys) => macAddress(args, keys, -14),
};

function macAddress(args: Args, keys: Keys, off: number): void {
  const bytes = args
    .take()
    .split(':')
    .map((b) => Number.parseInt(b, 16));
  if (bytes.length !== 6 || bytes.some((b) => !(b >= 0 && b <= 255))) fail();
  for (const [i, b] of bytes.entries()) pack8(keys, b, 0xff, off + i);
}

function readField(fields: Readonly<Record<string, Field>>, args: Args, keys: Keys): void {
  const name = args.take();
  const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (read === undefined) fail();
  read(args, keys);
}

/** Selectors of fields by name. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ip: IP,
  ip6: IP6,
  ether: ETHER,
};
/** Selectors of numbers anywhere in a packet. */
const NUMBERS: Readonly<Record<string, Packer>> = { u32: pack, u16: pack16, u8: pack8 };
const REFUSED: readonly string[] = ['udp', 'tcp', 'icmp'];
/** In the order in which an abbreviation is looked up. */
const KINDS: readonly string[] = [
  ...Object.keys(NUMBERS),
  'ip',
  'ip6',
  ...REFUSED,
  'mark',
  'ether',
];

/** The selectors for docs/programs. */
export const MATCH_ROWS: readonly ManualRow[] = [
  ...rowsOf(Object.keys(NUMBERS), { arg: 'VALUE MASK [at [nexthdr+]OFFSET]' }),
  ...Object.entries(HEADERS).flatMap(([header, fields]) =>
    rowsOf(Object.keys(fields).map((name) => `${header} ${name}`)),
  ),
  { names: ['mark'], arg: 'VALUE MASK' },
  ...rowsOf(REFUSED, { refused: true }),
];

/** Reads one selector, `args` behind the word `match`; leaves it behind the selector. Source: tc/f_u32.c, parse_selector(). @throws BadMatch */
export function readMatch(args: Args, keys: Keys): { val: number; mask: number } | undefined {
  if (args.done) fail();
  const kind = KINDS.find((k) => args.matches(k));
  args.skip();
  if (kind === undefined) fail();
  if (kind === 'mark') return readMark(args);
  const [packer, fields] = [NUMBERS[kind], HEADERS[kind]];
  if (packer !== undefined) number(args, keys, packer, 0);
  else if (fields !== undefined) readField(fields, args, keys);
  else
    throw unsupported(
      `tc filter u32 match ${kind}`,
      'match ip sport, ip dport, ip icmp_type, u8, u16, u32',
    );
  return undefined;
}

function readMark(args: Args): { val: number; mask: number } {
  const [val, mask] = [parseUnsigned(args.take()), parseUnsigned(args.take())];
  if (val === undefined || mask === undefined || (val & mask) >>> 0 !== val) fail();
  return { val, mask };
}
