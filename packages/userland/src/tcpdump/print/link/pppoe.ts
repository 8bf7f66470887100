import { type Dissector, hexNumber, type Names } from '../base/index.ts';
import { pppPrint } from './ppp.ts';

const HEADER = 6;
const PADI = 0x09;
/** Bytes of a tag's text that are shown. MAXTAGPRINT */
const MAX_TEXT = 79;
const CODES: Names = { 0: '', 7: 'PADO', 9: 'PADI', 25: 'PADR', 101: 'PADS', 167: 'PADT' };
const TAGS: Names = {
  0: 'EOL',
  257: 'Service-Name',
  258: 'AC-Name',
  259: 'Host-Uniq',
  260: 'AC-Cookie',
  261: 'Vendor-Specific',
  272: 'Relay-Session-ID',
  288: 'PPP-Max-Payload',
  513: 'Service-Name-Error',
  514: 'AC-System-Error',
  515: 'Generic-Error',
};

/** Prints a packet of PPP over Ethernet: discovery with its tags, or a session's frame. RFC 2516; print-pppoe.c */
export function pppoePrint(d: Dissector, off: number, whole: number): void {
  d.protocol = 'pppoe';
  if (whole < HEADER) {
    d.print(` (length ${whole} < ${HEADER})`);
    d.invalid();
    return;
  }
  d.need(off, HEADER);
  const [version, type] = [d.u8(off) >> 4, d.u8(off) & 15];
  if (version !== 1) d.print(` [ver ${version}]`);
  if (type !== 1) d.print(` [type ${type}]`);
  const code = d.u8(off + 1);
  d.print(`PPPoE ${CODES[code] ?? `PAD-${code.toString(16)}`}`);
  let length = d.u16(off + 4);
  if (code === PADI && length > 1484 - HEADER) d.print(` [len ${length}!]`);
  if (length > whole - HEADER) {
    d.print(` [len ${length} > ${whole - HEADER}!]`);
    length = whole - HEADER;
  }
  const session = d.u16(off + 2);
  if (session !== 0) d.print(` [ses 0x${session.toString(16)}]`);
  if (code === 0) {
    d.print(' ');
    pppPrint(d, off + HEADER, length);
  } else tags(d, off + HEADER, off + HEADER + length);
}

function tags(d: Dissector, start: number, end: number): void {
  let at = start;
  for (let type = -1; type !== 0 && at < end; ) {
    type = d.u16(at);
    const size = d.u16(at + 2);
    at += 4;
    const name = TAGS[type] ?? `TAG-0x${type.toString(16)}`;
    if (size === 0) d.print(` [${name}]`);
    else {
      d.need(at, size);
      d.print(` [${name} ${value(d, at, size)}]`);
    }
    at += size;
  }
}

/** A tag's bytes: a text if most of them are of one. */
function value(d: Dissector, at: number, size: number): string {
  const bytes = d.buf.subarray(at, at + Math.min(size, MAX_TEXT));
  const printable = (b: number) => b >= 0x20 && b < 0x7f;
  const good = bytes.filter(printable).length;
  if (good <= bytes.length - good)
    return `0x${[...d.buf.subarray(at, at + size)].map((b) => hexNumber(b, 2).toUpperCase()).join('')}`;
  return `"${[...bytes].map((b) => (printable(b) ? String.fromCharCode(b) : '.')).join('')}"`;
}
