import { type Dissector, hexNumber } from '../base/index.ts';

const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const JUMBO = 0xc2;
const HOME_ADDRESS = 0xc9;
/** Bytes of options with their two bytes of head. */
const ALERT_LENGTH = 4;
const JUMBO_LENGTH = 6;
const HOME_LENGTH = 18;
const MAX_PLAIN = 65_535;

/** How long the payload of a packet is; options may say so. */
export interface Payload {
  length: number;
  jumbo: boolean;
}

/** Prints a hop-by-hop header. print-ip6opts.c @returns its length, undefined if it is cut short */
export function hopByHop(d: Dissector, off: number, payload: Payload): number | undefined {
  d.protocol = 'hbhopt';
  const size = (d.u8(off + 1) + 1) * 8;
  if (d.has(off, size)) {
    d.print('HBH ');
    if (options(d, off + 2, size - 2, payload)) return size;
  }
  d.trunc();
  return undefined;
}

/** Prints destination options. print-ip6opts.c @returns their length, undefined if they are cut short */
export function destinationOptions(d: Dissector, off: number): number | undefined {
  d.protocol = 'dstopt';
  const size = (d.u8(off + 1) + 1) * 8;
  if (d.has(off, size)) {
    d.print('DSTOPT ');
    if (d.o.verbose === 0 || options(d, off + 2, size - 2, undefined)) return size;
  }
  d.trunc();
  return undefined;
}

function options(
  d: Dissector,
  start: number,
  total: number,
  payload: Payload | undefined,
): boolean {
  const seen = { jumbo: false };
  for (let i = 0; i < total; ) {
    const type = d.u8(start + i);
    if (type !== PAD1 && i + 1 >= total) return false;
    const size = type === PAD1 ? 1 : d.u8(start + i + 1) + 2;
    if (i + size > total || !option(d, start + i, type, size, payload, seen)) return false;
    i += size;
  }
  if (d.o.verbose > 0) d.print(' ');
  return true;
}

/** Lengths that options must have, and their names in complaints. */
const FIXED: Readonly<Record<number, readonly [name: string, size: number, least: boolean]>> = {
  [ROUTER_ALERT]: ['rtalert', ALERT_LENGTH, false],
  [JUMBO]: ['jumbo', JUMBO_LENGTH, false],
  [HOME_ADDRESS]: ['homeaddr', HOME_LENGTH, true],
};

function option(
  d: Dissector,
  at: number,
  type: number,
  size: number,
  payload: Payload | undefined,
  seen: { jumbo: boolean },
): boolean {
  const fixed = FIXED[type];
  if (fixed !== undefined) {
    const [name, wanted, least] = fixed;
    if (size < wanted || (!least && size !== wanted)) {
      d.print(`(${name}: invalid len ${size - 2})`);
      return false;
    }
  }
  if (type === JUMBO) return jumbo(d, d.u32(at + 2), payload, seen);
  if (d.o.verbose === 0) return true;
  if (type === PAD1) d.print('(pad1)');
  else if (type === PADN) d.print('(padn)');
  else if (type === ROUTER_ALERT) d.print(`(rtalert: 0x${hexNumber(d.u16(at + 2), 4)}) `);
  else if (type === HOME_ADDRESS) return homeAddress(d, at, size);
  else d.print(`(opt_type 0x${hexNumber(type, 2)}: len=${size - 2})`);
  return true;
}

/** RFC 2675 */
function jumbo(
  d: Dissector,
  length: number,
  payload: Payload | undefined,
  seen: { jumbo: boolean },
): true {
  let remark = '';
  if (seen.jumbo) remark = ' - already seen';
  else if (payload === undefined) remark = ' - not a hop-by-hop option';
  else if (payload.length !== 0) remark = ' - payload len != 0';
  else if (length <= MAX_PLAIN) remark = ' - < 65536';
  else {
    payload.jumbo = true;
    payload.length = length;
  }
  seen.jumbo = true;
  if (d.o.verbose > 0) d.print(`(jumbo: ${length}${remark}) `);
  return true;
}

function homeAddress(d: Dissector, at: number, size: number): boolean {
  d.print(`(homeaddr: ${d.ip6(at + 2)}`);
  for (let i = HOME_LENGTH; i < size; ) {
    const type = d.u8(at + i);
    if (type !== PAD1 && i + 1 >= size) return false;
    const length = type === PAD1 ? 1 : d.u8(at + i + 1) + 2;
    if (i + length > size) return false;
    if (type === PAD1) d.print(', pad1');
    else if (type === PADN) d.print(', padn');
    else d.print(`, sopt_type 0x${hexNumber(type, 2)}: len=${length - 2}`);
    i += length;
  }
  d.print(')');
  return true;
}
