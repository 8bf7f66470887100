import { arpPrint } from './arp.ts';
import { type Dissector, hexPairs } from './dissector.ts';
import { ip4Print } from './ip4.ts';
import { ip6Print } from './ip6.ts';
import { ETHERTYPES } from './protocols.ts';
import { stpPrint } from './stp.ts';

const HEADER = 14;
const MAX_LENGTH = 1500;
const VLAN: readonly number[] = [0x8100, 0x88a8, 0x9100];

function typeText(type: number): string {
  return `ethertype ${ETHERTYPES[type] ?? 'Unknown'} (0x${type.toString(16).padStart(4, '0')})`;
}

/** Prints a packet by its EtherType. ethertype_print() @returns whether that is known */
export function etherTypePrint(d: Dissector, type: number, off: number, length: number): boolean {
  switch (type) {
    case 0x0800:
      ip4Print(d, off, length);
      return true;
    case 0x86dd:
      ip6Print(d, off, length);
      return true;
    case 0x0806:
    case 0x8035:
      arpPrint(d, off, length);
      return true;
    default:
      return false;
  }
}

/** Prints an Ethernet frame. print-ether.c, ether_print_common() */
export function etherPrint(d: Dissector, start: number, whole: number): void {
  d.protocol = 'ether';
  let length = whole;
  if (length < HEADER || !d.has(start, HEADER)) {
    d.print(' [|ether]');
    return;
  }
  const addresses = () => {
    if (!d.o.ether) return;
    d.print(`${d.mac(start + 6)} > ${d.mac(start)}, `);
  };
  addresses();
  let off = start + 12;
  length -= HEADER;
  let type = d.u16(off);
  off += 2;
  if (d.o.ether && type > MAX_LENGTH) d.print(`${typeText(type)}, length ${whole}: `);
  while (VLAN.includes(type)) {
    const tci = d.u16(off);
    type = d.u16(off + 2);
    off += 4;
    length -= 4;
    if (d.o.ether) {
      d.print(`vlan ${tci & 0xfff}, p ${tci >> 13}${(tci & 0x1000) !== 0 ? ', DEI' : ''}, `);
      d.print(type > MAX_LENGTH ? `${typeText(type)}, ` : '');
    }
  }
  if (type <= MAX_LENGTH) {
    if (d.o.ether) d.print(`802.3, length ${type}: `);
    d.limit(off + type);
    llcPrint(d, off, type);
    return;
  }
  if (etherTypePrint(d, type, off, length)) return;
  if (!d.o.ether)
    d.print(`${d.mac(start + 6)} > ${d.mac(start)}, ${typeText(type)}, length ${whole}: `);
  unknownData(d, off, length);
}

/** Bytes that nobody can take apart. ND_DEFAULTPRINT */
export function unknownData(d: Dissector, off: number, length: number): void {
  const n = Math.min(length, d.end - off);
  for (let i = 0; i < n; i += 16) {
    const row = d.buf.subarray(off + i, off + Math.min(n, i + 16));
    const pairs = (hexPairs(row, '').match(/.{1,4}/g) ?? []).map((p) => ` ${p}`).join('');
    const shown = [...row].map((b) => (b > 32 && b < 127 ? String.fromCharCode(b) : '.')).join('');
    d.print(`\n\t0x${i.toString(16).padStart(4, '0')}: ${pairs.padEnd(41)} ${shown}`);
  }
}

function llcPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'llc';
  const dsap = d.u8(off);
  const ssap = d.u8(off + 1);
  const control = d.u8(off + 2);
  if (dsap === 0x42 && ssap === 0x42 && control === 3) {
    if (d.o.ether) d.print('LLC, dsap STP (0x42) Individual, ssap STP (0x42) Command, ctrl 0x03: ');
    stpPrint(d, off + 3, length - 3);
    return;
  }
  const hex = (v: number) => `0x${v.toString(16).padStart(2, '0')}`;
  d.print(
    `LLC, dsap Unknown (${hex(dsap)}), ssap Unknown (${hex(ssap)}), ctrl ${hex(control)}, length ${length}`,
  );
}
