import type { U32Key } from '@labwire/devices/qdisc';
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

/** Fields of the IPv4 header, and those that are behind it where it has no options. */
function ip(args: Args, keys: Keys): void {
  const field = args.take();
  const flags: Readonly<Record<string, readonly [number, number]>> = {
    nofrag: [0, 0x3fff],
    firstfrag: [0x2000, 0x3fff],
    df: [0x4000, 0x4000],
    mf: [0x2000, 0x2000],
  };
  const bytes: Readonly<Record<string, number>> = {
    tos: 1,
    dsfield: 1,
    precedence: 1,
    ihl: 0,
    protocol: 9,
    icmp_type: 20,
    icmp_code: 21,
  };
  const ports: Readonly<Record<string, number>> = { sport: 20, dport: 22 };
  if (field === 'src') ipAddress(args, keys, 12);
  else if (field === 'dst') ipAddress(args, keys, 16);
  else if (flags[field] !== undefined) pack16(keys, flags[field][0], flags[field][1], 6);
  else if (bytes[field] !== undefined) number(args, keys, pack8, bytes[field]);
  else if (ports[field] !== undefined) number(args, keys, pack16, ports[field]);
  else fail();
}

function ip6(args: Args, keys: Keys): void {
  const field = args.take();
  if (field === 'src') ip6Address(args, keys, 8);
  else if (field === 'dst') ip6Address(args, keys, 24);
  else if (field === 'priority') {
    const { val, mask } = readValue(args, 0);
    if (val > 0xff || mask > 0xff) fail();
    pack(keys, val << 20, mask << 20, 0);
  } else if (field === 'protocol') number(args, keys, pack8, 6);
  else if (field === 'flowlabel') number(args, keys, pack, 0);
  else if (field === 'dport') number(args, keys, pack16, 42);
  else if (field === 'sport') number(args, keys, pack16, 40);
  else if (field === 'icmp_type') number(args, keys, pack8, 40);
  else if (field === 'icmp_code') number(args, keys, pack8, 41);
  else fail();
}

function ether(args: Args, keys: Keys): void {
  const field = args.take();
  const off = field === 'src' ? -8 : field === 'dst' ? -14 : fail();
  const bytes = args
    .take()
    .split(':')
    .map((b) => Number.parseInt(b, 16));
  if (bytes.length !== 6 || bytes.some((b) => !(b >= 0 && b <= 255))) fail();
  for (const [i, b] of bytes.entries()) pack8(keys, b, 0xff, off + i);
}

/** Reads one selector, `args` behind the word `match`; leaves it behind the selector. Source: tc/f_u32.c, parse_selector(). @throws BadMatch */
export function readMatch(args: Args, keys: Keys): { val: number; mask: number } | undefined {
  if (args.done) fail();
  const kind = ['u32', 'u16', 'u8', 'ip', 'ip6', 'udp', 'tcp', 'icmp', 'mark', 'ether'].find((k) =>
    args.matches(k),
  );
  args.skip();
  if (kind === 'u32') number(args, keys, pack, 0);
  else if (kind === 'u16') number(args, keys, pack16, 0);
  else if (kind === 'u8') number(args, keys, pack8, 0);
  else if (kind === 'ip') ip(args, keys);
  else if (kind === 'ip6') ip6(args, keys);
  else if (kind === 'ether') ether(args, keys);
  else if (kind === 'mark') return readMark(args);
  else if (kind === undefined) fail();
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
