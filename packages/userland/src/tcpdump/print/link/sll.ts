import { type Dissector, ETHERTYPES, hexNumber } from '../base/index.ts';
import { tciText } from './ether.ts';
import { llcPrint } from './llc.ts';

const KINDS: readonly string[] = ['In', 'B', 'M', 'P', 'Out'];
const MAX_LENGTH = 1500;
const ETH_P_8021Q = 0x8100;
/** LINUX_SLL_P_802_3 and LINUX_SLL_P_802_2. */
const NOVELL = 1;
const LLC = 4;

/** What a cooked header says. */
interface Cooked {
  readonly type: number;
  readonly header: number;
  /** What is printed of it with -e, or where nobody knows the type; `length` is the whole packet's. */
  readonly details: (length: number) => void;
}

/** LINKTYPE_LINUX_SLL2, the any device's. print-sll.c, sll2_if_print() @returns the length of the header */
export function sll2Print(d: Dissector, start: number, whole: number, device: string): number {
  d.protocol = 'sll2';
  d.need(start, 20);
  d.print(`${device.padEnd(5)} ${(KINDS[d.u8(start + 10)] ?? '?').padEnd(3)} `);
  const type = d.u16(start);
  const details = (length: number) => {
    d.print(`ifindex ${d.u32(start + 4)} `);
    if (d.u8(start + 11) === 6) d.print(`${d.mac(start + 12)} `);
    typeDetails(d, type, length);
  };
  return cookedPrint(d, start, whole, { type, header: 20, details });
}

/** LINKTYPE_LINUX_SLL. print-sll.c, sll_if_print() @returns the length of the header */
export function sllPrint(d: Dissector, start: number, whole: number): number {
  d.protocol = 'sll';
  d.need(start, 16);
  const type = d.u16(start + 14);
  const details = (length: number) => {
    d.print(`${(KINDS[d.u16(start)] ?? '?').padStart(3)} `);
    if (d.u16(start + 4) === 6) d.print(`${d.mac(start + 6)} `);
    typeDetails(d, type, length);
  };
  return cookedPrint(d, start, whole, { type, header: 16, details });
}

function typeDetails(d: Dissector, type: number, length: number): void {
  if (d.o.quiet) return;
  const name =
    type === NOVELL
      ? '802.3'
      : type === LLC
        ? '802.2'
        : `ethertype ${(type > MAX_LENGTH ? ETHERTYPES[type] : undefined) ?? 'Unknown'} (0x${hexNumber(type, 4)})`;
  d.print(`${name}, length ${length}: `);
}

function cookedPrint(d: Dissector, start: number, whole: number, c: Cooked): number {
  if (d.o.ether) c.details(whole);
  let off = start + c.header;
  let { type } = c;
  while (type === ETH_P_8021Q) {
    if (d.left(off) < 4) {
      d.protocol = 'vlan';
      d.trunc();
      return off - start + d.left(off);
    }
    if (d.o.ether) d.print(`${tciText(d.u16(off))}, `);
    type = d.u16(off + 2);
    if (type <= MAX_LENGTH) type = LLC;
    if (!d.o.quiet) d.print(`ethertype ${ETHERTYPES[type] ?? 'Unknown'}, `);
    off += 4;
  }
  const length = whole - (off - start);
  if (type === LLC) {
    const { header, known } = llcPrint(d, off, length, undefined);
    if (known) return off - start + header;
    d.restUnlessDumped(off, d.left(off));
  } else if (type <= MAX_LENGTH) d.restUnlessDumped(off, d.left(off));
  else if (!d.layers.etherType(d, type, off, length)) {
    if (!d.o.ether) c.details(length + c.header);
    d.restUnlessDumped(off, d.left(off));
  }
  return off - start;
}
