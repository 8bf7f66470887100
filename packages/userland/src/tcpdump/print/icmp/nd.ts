import { formatIpv6, getIpv6 } from '@labwire/core/addr';
import { type Bits, bitNames, type Dissector, type Names } from '../base/index.ts';
import { fqdnPrint } from '../dns/index.ts';
import type { Outcome } from './outcome.ts';

const RA_FLAGS: Bits = [
  [0x80, 'managed'],
  [0x40, 'other stateful'],
  [0x20, 'home agent'],
  [0x02, 'ipv6 only'],
];
const NA_FLAGS: Bits = [
  [0x8000_0000, 'router'],
  [0x4000_0000, 'solicited'],
  [0x2000_0000, 'override'],
];
const PREFIX_FLAGS: Bits = [
  [0x80, 'onlink'],
  [0x40, 'auto'],
  [0x20, 'router'],
];
const PREFERENCES: readonly string[] = ['medium', 'high', 'rsv', 'low'];
const OPTIONS: Names = {
  1: 'source link-address',
  2: 'destination link-address',
  3: 'prefix info',
  4: 'redirected header',
  5: 'mtu',
  7: 'advertisement interval',
  8: 'homeagent information',
  24: 'route info',
  25: 'rdnss',
  31: 'dnssl',
};

/** Messages of neighbour discovery, and those that carry its options. RFC 4861; print-icmp6.c */
export function neighbourPrint(d: Dissector, off: number, length: number, type: number): Outcome {
  const verbose = d.o.verbose > 0;
  const withOptions = (at: number): Outcome =>
    !verbose || options(d, off + at, length - at) ? 'whole' : 'cut';
  switch (type) {
    case 133:
      return withOptions(8);
    case 134:
      if (verbose) advertisement(d, off);
      return withOptions(16);
    case 135:
      d.print(`, who has ${d.ip6(off + 8)}`);
      return withOptions(24);
    case 136:
      d.print(`, tgt is ${d.ip6(off + 8)}`);
      if (verbose) d.print(`, Flags [${bitNames(NA_FLAGS, d.u32(off + 4))}]`);
      return withOptions(24);
    case 137:
      d.print(`, ${d.ip6(off + 24)} to ${d.ip6(off + 8)}`);
      return withOptions(40);
    case 145:
      if (!verbose) return 'whole';
      d.print(`, id 0x${d.hex(off + 4, 2)}`);
      for (let at = 8; at < length; at += 16) d.print(`, ${d.ip6(off + at)}`);
      return 'whole';
    default: {
      if (!verbose) return 'whole';
      d.print(`, id 0x${d.hex(off + 4, 2)}`);
      const flags = d.u16(off + 6);
      const names = `${(flags & 0x8000) !== 0 ? 'M' : ''}${(flags & 0x4000) !== 0 ? 'O' : ''}`;
      d.print(names === '' ? '' : ` ${names}`);
      return withOptions(8);
    }
  }
}

function advertisement(d: Dissector, off: number): void {
  const flags = d.u8(off + 5);
  d.print(
    `\n\thop limit ${d.u8(off + 4)}, Flags [${bitNames(RA_FLAGS, flags)}], pref ${PREFERENCES[(flags >> 3) & 3]}, router lifetime ${d.u16(off + 6)}s, reachable time ${d.u32(off + 8)}ms, retrans timer ${d.u32(off + 12)}ms`,
  );
}

function lifetime(v: number): string {
  return v === 0xffff_ffff ? 'infinity' : `${v}s`;
}

/** @returns whether they were all captured */
function options(d: Dissector, start: number, total: number): boolean {
  let left = total;
  for (let at = start; at < d.end; ) {
    if (!d.has(at + 1, 1)) return false;
    if (left <= 0) return true;
    const type = d.u8(at);
    const units = d.u8(at + 1);
    const size = units * 8;
    if (units === 0 || at + size > d.end) return false;
    d.print(`\n\t  ${OPTIONS[type] ?? 'unknown'} option (${type}), length ${size} (${units}): `);
    const shown = option(d, at, type, units, start);
    if (shown === undefined) return false;
    if (!shown && d.o.verbose <= 1) {
      d.unknown(at + 2, '\n\t  ', size - 2);
      return true;
    }
    if (d.o.verbose > 1) d.unknown(at + 2, '\n\t    ', size - 2);
    at += size;
    left -= size;
  }
  return true;
}

/** @returns whether there is a text for the option; undefined where it is cut short */
function option(
  d: Dissector,
  at: number,
  type: number,
  units: number,
  start: number,
): boolean | undefined {
  switch (type) {
    case 1:
    case 2:
      d.print(d.lladdr(at + 2, units * 8 - 2));
      return true;
    case 3:
      d.print(
        `${d.ip6(at + 16)}/${d.u8(at + 2)}${units === 4 ? '' : 'badlen'}, Flags [${bitNames(PREFIX_FLAGS, d.u8(at + 3))}], valid time ${lifetime(d.u32(at + 4))}, pref. time ${lifetime(d.u32(at + 8))}`,
      );
      return true;
    case 4:
      d.unknown(start, '\n\t    ', units * 8);
      return true;
    case 5:
      d.print(` ${d.u32(at + 4)}${units === 1 ? '' : 'bad option length'}`);
      return true;
    case 7:
      d.print(` ${d.u32(at + 4)}ms`);
      return true;
    case 8:
      d.print(` preference ${d.u16(at + 4)}, lifetime ${d.u16(at + 6)}`);
      return true;
    case 24:
      return routeInformation(d, at, units);
    case 25:
      d.print(` lifetime ${d.u32(at + 4)}s,`);
      for (let i = 0; i < Math.floor((units - 1) / 2); i++)
        d.print(` addr: ${d.ip6(at + 8 + 16 * i)}`);
      return true;
    case 31:
      return searchList(d, at, units, start);
    default:
      return false;
  }
}

/** RFC 4191 section 2.3 */
function routeInformation(d: Dissector, at: number, units: number): true | undefined {
  if (!d.has(at + 4, 4) || units > 3) return undefined;
  const prefix = new Uint8Array(16);
  d.need(at + 8, units * 8 - 8);
  prefix.set(d.buf.subarray(at + 8, at + units * 8));
  d.print(
    ` ${formatIpv6(getIpv6(prefix, 0))}/${d.u8(at + 2)}, pref=${PREFERENCES[(d.u8(at + 3) >> 3) & 3]}, lifetime=${lifetime(d.u32(at + 4))}`,
  );
  return true;
}

/** RFC 6106 section 5.2 */
function searchList(d: Dissector, at: number, units: number, start: number): true | undefined {
  d.print(` lifetime ${d.u32(at + 4)}s, domain(s):`);
  for (let name = at + 8; name < at + units * 8 && d.u8(name) !== 0; ) {
    d.print(' ');
    const next = fqdnPrint(d, name, start);
    if (next === undefined) return undefined;
    name = next;
  }
  return true;
}
