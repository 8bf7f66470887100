import { formatIpv6, getIpv6 } from '@labwire/core/addr';
import { type Dissector, type Names, relativeTime } from '../base/index.ts';
import { DNS_TYPES } from './dns-tables.ts';
import { ednsPrint } from './edns.ts';
import { fqdnPrint, skipName } from './fqdn.ts';

export const DNS_CLASSES: Names = { 1: 'IN', 3: 'CHAOS', 4: 'HS', 255: 'ANY' };
const IN = 1;
const OPT = 41;

/** The head of a record. */
interface Head {
  readonly type: number;
  readonly class: number;
  readonly length: number;
  /** The second half of the lifetime: an OPT record's flags. */
  readonly flags: number;
}

/** Prints a resource record. print-domain.c, ns_rprint() @returns where it ends; undefined if it is cut short */
export function recordPrint(
  d: Dissector,
  off: number,
  base: number,
  mdns: boolean,
): number | undefined {
  let at: number | undefined;
  if (d.o.verbose > 0) {
    d.print(' ');
    at = fqdnPrint(d, off, base);
    if (at === undefined) return undefined;
  } else at = skipName(d, off);
  if (at === undefined || !d.has(at, 10)) return d.end;
  const head: Head = {
    type: d.u16(at),
    class: d.u16(at + 2) & (mdns ? 0x7fff : 0xffff),
    length: d.u16(at + 8),
    flags: d.u16(at + 6),
  };
  if (head.class !== IN && head.type !== OPT)
    d.print(` ${DNS_CLASSES[head.class] ?? `(Class ${head.class})`}`);
  if (mdns && (d.u16(at + 2) & 0x8000) !== 0) d.print(' (Cache flush)');
  if (head.type !== OPT && d.o.verbose > 2) d.print(` [${relativeTime(d.u32(at + 4))}]`);
  d.print(` ${DNS_TYPES[head.type] ?? `Type${head.type}`}`);
  const end = at + 10 + head.length;
  if (end > d.end) return undefined;
  return data(d, head, at + 10, base) ? end : undefined;
}

/** @returns whether the data makes sense */
function data(d: Dissector, h: Head, at: number, base: number): boolean {
  const name = (from: number) => fqdnPrint(d, from, base);
  switch (DNS_TYPES[h.type]) {
    case 'A':
      if (!d.has(at, 4)) return false;
      d.print(` ${d.ip4Number(at)}`);
      return true;
    case 'AAAA':
      if (!d.has(at, 16)) return false;
      d.print(` ${d.ip6Number(at)}`);
      return true;
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'DNAME':
      d.print(' ');
      return name(at) !== undefined;
    case 'SOA':
      return d.o.verbose === 0 || startOfAuthority(d, at, base);
    case 'MX':
      d.print(' ');
      if (!d.has(at, 2) || name(at + 2) === undefined) return false;
      d.print(` ${d.u16(at)}`);
      return true;
    case 'TXT':
      return texts(d, at, at + h.length);
    case 'SRV':
      d.print(' ');
      if (!d.has(at, 6) || name(at + 6) === undefined) return false;
      d.print(`:${d.u16(at + 4)} ${d.u16(at)} ${d.u16(at + 2)}`);
      return true;
    case 'A6':
      return a6(d, at, base);
    case 'URI':
      d.print(` ${d.u16(at)} ${d.u16(at + 2)} `);
      return d.printn(at + 4, Math.max(0, h.length - 4));
    case 'UNSPECA':
      return d.printn(at, h.length);
    case 'OPT':
      return options(d, h, at);
    case 'TSIG':
      return d.o.verbose === 0 || signature(d, at, base);
    default:
      return true;
  }
}

function startOfAuthority(d: Dissector, at: number, base: number): boolean {
  d.print(' ');
  const second = fqdnPrint(d, at, base);
  if (second === undefined) return false;
  d.print(' ');
  const numbers = fqdnPrint(d, second, base);
  if (numbers === undefined || !d.has(numbers, 20)) return false;
  for (let i = 0; i < 5; i++) d.print(` ${d.u32(numbers + 4 * i)}`);
  return true;
}

function texts(d: Dissector, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    d.print(' "');
    if (!d.has(at, 1)) return false;
    const n = d.u8(at);
    if (!d.printn(at + 1, n)) return false;
    d.print('"');
    at += n + 1;
  }
  return true;
}

/** RFC 2874: a part of an address, and the name that has the rest of it. */
function a6(d: Dissector, at: number, base: number): boolean {
  if (!d.has(at, 1)) return false;
  const bits = d.u8(at);
  if (bits > 128) {
    d.print(` ${bits}(bad plen)`);
    return true;
  }
  const skipped = bits >> 3;
  if (bits < 128) {
    const address = new Uint8Array(16);
    d.need(at + 1, 16 - skipped);
    address.set(d.buf.subarray(at + 1, at + 17 - skipped), skipped);
    d.print(` ${bits} ${formatIpv6(getIpv6(address, 0))}`);
  }
  if (bits === 0) return true;
  d.print(' ');
  return fqdnPrint(d, at + 17 - skipped, base) !== undefined;
}

function options(d: Dissector, h: Head, start: number): boolean {
  d.print(` UDPsize=${h.class}${(h.flags & 0x8000) !== 0 ? ' DO' : ''}`);
  if (h.length === 0) return true;
  d.print(' [');
  const end = start + h.length;
  for (let at = start; at < end; ) {
    const next = ednsPrint(d, at);
    if (next === undefined) return false;
    at = next;
    if (at < end) d.print(',');
  }
  d.print(']');
  return true;
}

/** RFC 2845 section 2.3 */
function signature(d: Dissector, at: number, base: number): boolean {
  d.print(' ');
  const algorithm = fqdnPrint(d, at, base);
  if (algorithm === undefined) return false;
  let field = algorithm + 6;
  for (const name of ['fudge', 'maclen', 'origid', 'error', 'otherlen']) {
    if (!d.has(field, 2)) return false;
    d.print(` ${name}=${d.u16(field)}`);
    field += 2 + (name === 'maclen' ? d.u16(field) : 0);
  }
  return true;
}
