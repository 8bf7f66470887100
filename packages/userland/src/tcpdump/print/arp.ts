import type { Dissector } from './dissector.ts';
import { ETHERTYPES } from './protocols.ts';

const OPERATIONS: Readonly<Record<number, string>> = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
};
const HARDWARE: Readonly<Record<number, string>> = { 1: 'Ethernet', 6: 'TokenRing', 7: 'ArcNet' };

/** Prints an ARP packet. print-arp.c */
export function arpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'arp';
  d.need(off, 8);
  const hardware = d.u16(off);
  const proto = d.u16(off + 2);
  const hlen = d.u8(off + 4);
  const plen = d.u8(off + 5);
  const op = d.u16(off + 6);
  d.need(off, 8 + 2 * (hlen + plen));
  if (!d.o.ether) d.print('ARP, ');
  const odd = proto !== 0x0800 || plen !== 4 || hlen === 0;
  if (odd || d.o.verbose > 0) {
    const kind = HARDWARE[hardware] ?? `Unknown Hardware (${hardware})`;
    const name = ETHERTYPES[proto] ?? `Unknown Protocol (0x${proto.toString(16).padStart(4, '0')})`;
    d.print(`${kind} (len ${hlen}), ${name} (len ${plen})`);
    if (d.o.verbose === 0) {
      d.print(`, length ${length}`);
      return;
    }
  }
  d.print(`${d.o.verbose > 0 ? ', ' : ''}${OPERATIONS[op] ?? `Unknown (${op})`} `);
  const sha = off + 8;
  const spa = sha + hlen;
  const tha = spa + plen;
  const tpa = tha + hlen;
  const address = (at: number) => (odd ? '<wrong proto type>' : d.ip4(at));
  if (op === 1) {
    const target = d.buf.subarray(tha, tha + hlen).some((b) => b !== 0)
      ? ` (${d.mac(tha, hlen)})`
      : '';
    d.print(`who-has ${address(tpa)}${target} tell ${address(spa)}`);
  } else if (op === 2) d.print(`${address(spa)} is-at ${d.mac(sha, hlen)}`);
  else if (op === 3 || op === 8) d.print(`who-is ${d.mac(tha, hlen)} tell ${d.mac(sha, hlen)}`);
  else if (op === 4) d.print(`${d.mac(tha, hlen)} at ${address(tpa)}`);
  else if (op === 9) d.print(`${d.mac(sha, hlen)} at ${address(spa)}`);
  d.print(`, length ${length}`);
}
