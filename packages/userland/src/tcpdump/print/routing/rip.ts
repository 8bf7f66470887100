import type { Dissector, Names } from '../base/index.ts';
import { BSD_FAMILIES } from '../link/index.ts';

const COMMANDS: Names = {
  1: 'Request',
  2: 'Response',
  3: 'Trace on',
  4: 'Trace off',
  5: 'Poll',
  6: 'Poll Entry',
};
const INET = 2;
const HEADER = 4;
const ENTRY = 20;
const AUTHENTICATION = 0xffff;

/** Prints a message of RIP. RFC 1058, RFC 2453; print-rip.c */
export function ripPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'rip';
  const there = Math.min(d.left(off), length);
  if (there < HEADER) {
    d.trunc();
    return;
  }
  const [command, version] = [d.u8(off), d.u8(off + 1)];
  d.print(`${d.o.verbose >= 1 ? '\n\t' : ''}RIPv${version}`);
  if (version === 0) {
    d.unknown(off, '\n\t', length);
    return;
  }
  d.print(`, ${COMMANDS[command] ?? `unknown command (${command})`}, length: ${length}`);
  if (d.o.verbose < 1) return;
  if (command === 1 || command === 2) {
    const routes = Math.floor(length / ENTRY);
    if (version > 2) d.print(', unknown version');
    else {
      d.print(`, routes: ${routes}${version === 2 ? ' or less' : ''}`);
      entries(d, off + HEADER, there - HEADER, version === 1 ? entryV1 : entryV2);
    }
  } else if ((command === 3 || COMMANDS[command] === undefined) && d.o.verbose <= 1)
    d.unknown(off, '\n\t', length);
  if (d.o.verbose > 1) d.unknown(off, '\n\t', length);
}

/** Prints an entry and says how long it is; 0 if it is cut short. */
type Entry = (d: Dissector, at: number, left: number) => number;

function entries(d: Dissector, start: number, total: number, print: Entry): void {
  let left = total;
  for (let at = start; left > 0; ) {
    const size = print(d, at, left);
    if (size === 0) {
      d.trunc();
      return;
    }
    if (left < size) {
      d.print(` [remaining entries length ${left} < ${size}]`);
      d.invalid();
      return;
    }
    at += size;
    left -= size;
  }
}

function entryV1(d: Dissector, at: number, left: number): number {
  if (left < ENTRY || !d.has(at, ENTRY)) return 0;
  const family = d.u16(at);
  if (family !== INET && family !== 0) {
    d.print(`\n\t AFI ${BSD_FAMILIES[family] ?? `Unknown (${family})`}, `);
    d.unknown(at + 4, '\n\t  ', ENTRY - 4);
  } else if (d.u16(at + 2) !== 0 || d.u32(at + 8) !== 0 || d.u32(at + 12) !== 0)
    d.unknown(at, '\n\t  ', ENTRY);
  else d.print(`\n\t  ${family === 0 ? 'AFI 0, ' : ''}${d.ip4(at + 4)}, metric: ${d.u32(at + 16)}`);
  return ENTRY;
}

function entryV2(d: Dissector, at: number, left: number): number {
  if (left < 4 || !d.has(at, 4)) return 0;
  const family = d.u16(at);
  if (family === AUTHENTICATION) return authentication(d, at + 4, left - 4, d.u16(at + 2));
  if (family !== INET && family !== 0) {
    d.print(`\n\t  AFI ${BSD_FAMILIES[family] ?? `Unknown (${family})`}`);
    d.unknown(at + 4, '\n\t  ', ENTRY - 4);
    return ENTRY;
  }
  if (!d.has(at, ENTRY) || left < ENTRY) return 0;
  d.print(
    `\n\t  AFI ${BSD_FAMILIES[family] ?? family}, ${d.ip4(at + 4).padStart(15)}/${String(prefixLength(d.u32(at + 8))).padEnd(2)}, tag 0x${d.hex(at + 2, 2)}, metric: ${d.u32(at + 16)}, next-hop: ${d.u32(at + 12) === 0 ? 'self' : d.ip4(at + 12)}`,
  );
  return ENTRY;
}

/** -1 for a mask with holes. mask2plen() */
function prefixLength(mask: number): number {
  const ones = Math.clz32(~mask);
  return (ones === 0 ? 0 : (-1 << (32 - ones)) >>> 0) === mask ? ones : -1;
}

/** RFC 4822 */
function authentication(d: Dissector, at: number, left: number, type: number): number {
  if (type === 2) {
    d.print('\n\t  Simple Text Authentication data: ');
    d.printPadded(at, 16);
    return ENTRY;
  }
  if (type === 3) {
    if (!d.has(at, 16) || left < 16) return 0;
    d.print(`\n\t  Auth header: Packet Len ${d.u16(at)}, Key-ID ${d.u8(at + 2)},`);
    d.print(` Auth Data Len ${d.u8(at + 3)}, SeqNo ${d.u32(at + 4)},`);
    d.print(` MBZ ${d.u32(at + 8)}, MBZ ${d.u32(at + 12)}`);
    return ENTRY;
  }
  d.print(type === 1 ? '\n\t  Auth trailer:' : `\n\t  Unknown (${type}) Authentication data:`);
  d.unknown(at, '\n\t  ', left);
  return 4 + left;
}
