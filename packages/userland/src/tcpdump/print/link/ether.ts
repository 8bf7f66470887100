import { type Dissector, ETHERTYPES, hexNumber } from '../base/index.ts';
import { llcPrint } from './llc.ts';

const HEADER = 14;
const MAX_LENGTH = 1500;
const ETH_P_JUMBO = 0x8870;
const VLAN: readonly number[] = [0x8100, 0x9100, 0x9200, 0x88a8];

/** `SOURCE > DESTINATION, ` of the header at `start`. */
function addresses(d: Dissector, start: number): void {
  d.print(`${d.mac(start + 6)} > ${d.mac(start)}, `);
}

function typeText(d: Dissector, type: number): string {
  if (d.o.quiet) return ETHERTYPES[type] ?? `Unknown Ethertype (0x${hexNumber(type, 4)})`;
  return `ethertype ${ETHERTYPES[type] ?? 'Unknown'} (0x${hexNumber(type, 4)})`;
}

/** `vlan 5, p 0` of a tag. ieee8021q_tci_string() */
export function tciText(tci: number): string {
  return `vlan ${tci & 0xfff}, p ${tci >> 13}${(tci & 0x1000) !== 0 ? ', DEI' : ''}`;
}

/** Prints an Ethernet frame. print-ether.c, ether_common_print() @returns the length of its header */
export function etherPrint(d: Dissector, start: number, whole: number): number {
  d.protocol = 'ether';
  const caplen = d.left(start);
  if (whole < caplen) {
    d.print(`[length ${whole} < caplen ${caplen}]`);
    d.invalid();
    return whole;
  }
  if (caplen < HEADER) {
    d.trunc();
    return caplen;
  }
  if (d.o.ether) addresses(d, start);
  let type = d.u16(start + 12);
  let off = start + HEADER;
  let said = false;
  while (VLAN.includes(type)) {
    if (d.left(off) < 4) {
      d.protocol = 'vlan';
      d.trunc();
      return off - start + d.left(off);
    }
    if (d.o.ether) {
      d.print(`${typeText(d, type)}${said ? ', ' : `, length ${whole}: `}`);
      said = true;
      d.print(`${tciText(d.u16(off))}, `);
    }
    type = d.u16(off + 2);
    off += 4;
  }
  const length = whole - (off - start);
  if (type <= MAX_LENGTH) return off - start + lengthPrint(d, off, start, { type, length, said });
  if (type === ETH_P_JUMBO) return off - start + payload(d, off, length, start);
  typePrint(d, off, start, { type, length, said, whole });
  return off - start;
}

/** A frame whose type is a length. @returns the length of the header that follows */
function lengthPrint(
  d: Dissector,
  off: number,
  start: number,
  f: { readonly type: number; readonly length: number; readonly said: boolean },
): number {
  const length = Math.min(f.type, f.length);
  const was = d.limit(off + length);
  if (d.o.ether) d.print(`802.3${f.said ? '' : `, length ${length}: `}`);
  const header = payload(d, off, length, start);
  d.end = was;
  return header;
}

function payload(d: Dissector, off: number, length: number, start: number): number {
  const { header, known } = llcPrint(d, off, length, start);
  if (!known) d.restUnlessDumped(off, d.left(off));
  return header;
}

function typePrint(
  d: Dissector,
  off: number,
  start: number,
  f: {
    readonly type: number;
    readonly length: number;
    readonly said: boolean;
    readonly whole: number;
  },
): void {
  const name = `${typeText(d, f.type)}${f.said ? ', ' : `, length ${f.whole}: `}`;
  if (d.o.ether) d.print(name);
  if (d.layers.etherType(d, f.type, off, f.length, start)) return;
  if (!d.o.ether) {
    addresses(d, start);
    d.print(`${typeText(d, f.type)}, length ${f.whole}: `);
  }
  d.restUnlessDumped(off, d.left(off));
}
