import { bitNames, type Dissector, hexNumber } from '../base/index.ts';
import { dhcpOptions } from './dhcp-option.ts';

const COOKIE = 0x6382_5363;
/** `CMU` and a zero: Carnegie Mellon's own extensions. */
const COOKIE_CMU = 0x434d_5500;
const VENDOR = 236;

/** Prints a BOOTP or DHCP message. print-bootp.c */
export function dhcpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'bootp';
  const op = d.u8(off);
  const name = op === 1 ? 'Request' : op === 2 ? 'Reply' : `unknown (0x${hexNumber(op, 2)})`;
  d.print(`BOOTP/DHCP, ${name}`);
  const ether = d.u8(off + 1) === 1 && d.u8(off + 2) === 6;
  if (ether && op === 1) d.print(` from ${d.mac(off + 28)}`);
  d.print(`, length ${length}`);
  if (d.o.verbose === 0) return;
  if (!d.has(off + 8, 2) || !details(d, off, ether)) {
    d.trunc();
    return;
  }
  if (!d.has(off + VENDOR, 4)) {
    d.trunc();
    return;
  }
  const vendor = d.u32(off + VENDOR);
  if (vendor === COOKIE) {
    if (!dhcpOptions(d, off + VENDOR)) d.trunc();
  } else if (vendor === COOKIE_CMU) {
    if (!cmuPrint(d, off + VENDOR)) d.trunc();
  } else if (vendor !== 0) d.print(`\n\t  Vendor-#0x${hexNumber(vendor)}`);
}

/** @returns whether the names were captured */
function details(d: Dissector, off: number, ether: boolean): boolean {
  const [htype, hlen] = [d.u8(off + 1), d.u8(off + 2)];
  if (htype !== 1) d.print(`, htype ${htype}`);
  if (!ether) d.print(`, hlen ${hlen}`);
  if (d.u8(off + 3) !== 0) d.print(`, hops ${d.u8(off + 3)}`);
  if (d.u32(off + 4) !== 0) d.print(`, xid 0x${hexNumber(d.u32(off + 4))}`);
  if (d.u16(off + 8) !== 0) d.print(`, secs ${d.u16(off + 8)}`);
  const flags = d.u16(off + 10);
  d.print(`, Flags [${bitNames([[0x8000, 'Broadcast']], flags)}]`);
  if (d.o.verbose > 1) d.print(` (0x${hexNumber(flags, 4)})`);
  for (const [label, at] of [
    ['Client', 12],
    ['Your', 16],
    ['Server', 20],
    ['Gateway', 24],
  ] as const)
    if (d.u32(off + at) !== 0) d.print(`\n\t  ${label}-IP ${d.ip4(off + at)}`);
  if (ether) d.print(`\n\t  Client-Ethernet-Address ${d.mac(off + 28)}`);
  return text(d, 'sname', off + 44, 64) && text(d, 'file', off + 108, 128);
}

function text(d: Dissector, label: string, off: number, size: number): boolean {
  if (d.u8(off) === 0) return true;
  d.print(`\n\t  ${label} "`);
  const whole = d.printz(off, size) !== 0;
  d.print('"');
  return whole;
}

function cmuPrint(d: Dissector, off: number): boolean {
  d.print(' vend-cmu');
  if (!d.has(off + 4, 4)) return false;
  const flags = d.u8(off + 4);
  if ((flags & ~1) !== 0) d.print(` F:0x${hexNumber(flags)}`);
  for (const [name, at] of [
    ['DG', 12],
    [(flags & 1) !== 0 ? 'SM' : 'SM*', 8],
    ['NS1', 16],
    ['NS2', 20],
    ['IEN1', 24],
    ['IEN2', 28],
    ['TS1', 32],
    ['TS2', 36],
  ] as const) {
    if (!d.has(off + at, 4)) return false;
    if (d.u32(off + at) !== 0) d.print(` ${name}:${d.ip4(off + at)}`);
  }
  return true;
}
