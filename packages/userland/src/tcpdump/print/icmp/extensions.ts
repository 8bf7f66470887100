import { type Dissector, hexNumber, internetSum, type Names } from '../base/index.ts';
import { mplsEntry } from '../link/index.ts';

/** Where the extensions begin: behind 128 bytes of the packet. RFC 4884 */
const START = 136;
const VERSION = 2;
const OBJECT_HEADER = 4;
const MPLS_STACK = 1;
const OBJECTS: Names = { 1: 'MPLS Stack Entry', 2: 'Interface Identification' };

/** Prints what a message holds behind the packet that it is about. RFC 4884, RFC 4950; print-icmp.c */
export function icmpExtensions(d: Dissector, off: number, length: number): void {
  if (!d.has(off, START + 5)) {
    d.trunc();
    return;
  }
  const at = off + START;
  let left = length - START;
  // who does not fill in the length is believed if the checksum is right
  if (d.u8(off + 5) === 0 && d.has(at, left) && internetSum(d.buf, at, left) !== 0) return;
  const version = d.u8(at) >> 4;
  d.print(`\n\tICMP Multi-Part extension v${version}`);
  if (version !== VERSION) {
    d.print(' packet not supported');
    return;
  }
  if (d.has(at, left))
    d.print(
      `, checksum 0x${hexNumber(d.u16(at + 2), 4)} (${internetSum(d.buf, at, left) !== 0 ? 'in' : ''}correct), length ${left}`,
    );
  left -= 4;
  objects(d, at + 4, left);
}

function objects(d: Dissector, start: number, total: number): void {
  let left = total;
  for (let at = start; left > OBJECT_HEADER; ) {
    if (!d.has(at, OBJECT_HEADER)) {
      d.trunc();
      return;
    }
    const [size, klass, type] = [d.u16(at), d.u8(at + 2), d.u8(at + 3)];
    d.print(
      `\n\t  ${OBJECTS[klass] ?? 'unknown'} Object (${klass}), Class-Type: ${type}, length ${size}`,
    );
    left -= OBJECT_HEADER;
    at += OBJECT_HEADER;
    if (klass === 0 || size < OBJECT_HEADER) return;
    const data = size - OBJECT_HEADER;
    if (klass === MPLS_STACK && type === 1) {
      const { label, tc, last, ttl } = mplsEntry(d.u32(at));
      d.print(`\n\t    label ${label}, tc ${tc}${last ? ', [S]' : ''}, ttl ${ttl}`);
    } else d.unknown(at, '\n\t    ', data);
    if (left < data) return;
    left -= data;
    at += data;
  }
}
