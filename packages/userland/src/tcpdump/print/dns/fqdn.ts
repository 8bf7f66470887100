import { type Dissector, hexNumber } from '../base/index.ts';

const POINTER = 0xc0;
const RESERVED = 0x80;
const EXTENDED = 0x40;
const BIT_LABEL = 0x41;
/** Characters of a name at most. MAXCDNAME */
const MAX_NAME = 255;

/** Bytes of a bit label: its length in bits, of which 0 is 256, then the bits. RFC 2673 */
function bitLabelSize(bits: number): number {
  return Math.ceil((bits || 256) / 8) + 1;
}

/** Where a name ends; undefined if it does not. print-domain.c, ns_nskip() */
export function skipName(d: Dissector, off: number): number | undefined {
  for (let at = off; ; ) {
    if (!d.has(at, 1)) return undefined;
    const n = d.u8(at++);
    if (n === 0) return at;
    if (n >= POINTER) return at + 1;
    if (n >= RESERVED) return undefined;
    if (n < EXTENDED) at += n;
    else if (n !== BIT_LABEL || !d.has(at, 1)) return undefined;
    else at += bitLabelSize(d.u8(at));
  }
}

/** The length of a label, or a pointer's first byte; undefined, and a complaint, for what is neither. labellen() */
function labelSize(d: Dissector, at: number): number | undefined {
  if (!d.has(at, 1)) return undefined;
  const n = d.u8(at);
  if (n < EXTENDED || n >= POINTER) return n;
  if (n >= RESERVED) {
    d.print('<BAD LABEL TYPE>');
    return undefined;
  }
  if (n !== BIT_LABEL) {
    d.print(`<ELT ${n & 0x3f}>`);
    return undefined;
  }
  return d.has(at + 1, 1) ? bitLabelSize(d.u8(at + 1)) : undefined;
}

/** A bit label in hexadecimal. blabel_print() */
function bitLabel(d: Dissector, at: number): boolean {
  if (!d.has(at, 1)) return false;
  const bits = d.u8(at) || 256;
  d.print('\\[x');
  let left = bits;
  let byte = at + 1;
  for (; left > 7; left -= 8) d.print(hexNumber(d.u8(byte++), 2));
  if (left > 4) d.print(hexNumber(d.u8(byte) & (0xff << (8 - left)) & 0xff, 2));
  else if (left > 0) d.print(hexNumber((d.u8(byte) >> 4) & (0x0f << (4 - left)) & 0x0f));
  d.print(`/${bits}]`);
  return true;
}

/** Prints a name whose pointers count from `base`. fqdn_print() @returns where it ends; undefined if it is no name */
export function fqdnPrint(d: Dissector, off: number, base: number): number | undefined {
  let at = off;
  let limit = (off - base) >>> 0;
  let end: number | undefined;
  let chars = 0;
  let size = labelSize(d, at);
  if (size === undefined) return undefined;
  let n = d.u8(at++);
  if (n === 0) {
    d.print('.');
    return at;
  }
  while (n !== 0 && at < d.end) {
    if (n >= POINTER) {
      end ??= at + 1;
      const to = ((n << 8) | d.u8(at)) & 0x3fff;
      if (to >= limit) {
        d.print('<BAD PTR>');
        return undefined;
      }
      limit = to;
      at = base + to;
    } else {
      if (!label(d, at, n, size, chars)) return undefined;
      at += size;
      if (n < EXTENDED) chars += size;
      if (chars <= MAX_NAME) d.print('.');
      chars++;
    }
    size = labelSize(d, at);
    if (size === undefined) return undefined;
    n = d.u8(at++);
  }
  if (chars > MAX_NAME) d.print('<DOMAIN NAME TOO LONG>');
  return n >= POINTER && end === undefined ? undefined : (end ?? at);
}

/** @returns whether all of it was captured */
function label(d: Dissector, at: number, n: number, size: number, before: number): boolean {
  if (n >= EXTENDED) return bitLabel(d, at);
  const room = Math.max(0, MAX_NAME - before);
  return d.printn(at, Math.min(size, room));
}
