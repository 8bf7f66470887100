import type { Dissector } from './dissector.ts';
import { etherTypePrint } from './ether.ts';
import { ETHERTYPES } from './protocols.ts';

const HEADER = 20;
const KINDS: readonly string[] = ['In', 'B', 'M', 'P', 'Out'];

/** Prints a packet of the any device: LINKTYPE_LINUX_SLL2. print-sll.c, sll2_if_print() */
export function sll2Print(d: Dissector, start: number, whole: number, device: string): void {
  d.protocol = 'sll2';
  const type = d.u16(start);
  d.print(`${device.padEnd(5)} ${(KINDS[d.u8(start + 10)] ?? '?').padEnd(3)} `);
  if (d.o.ether) {
    d.print(`ifindex ${d.u32(start + 4)} `);
    const n = d.u8(start + 11);
    if (n > 0) d.print(`${d.mac(start + 12, Math.min(n, 8))} `);
    const name = ETHERTYPES[type] ?? 'Unknown';
    d.print(`ethertype ${name} (0x${type.toString(16).padStart(4, '0')}), length ${whole}: `);
  }
  if (etherTypePrint(d, type, start + HEADER, whole - HEADER)) return;
  d.print(`ethertype Unknown (0x${type.toString(16).padStart(4, '0')}), length ${whole}`);
}
