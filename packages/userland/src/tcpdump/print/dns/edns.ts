import { formatIpv4, formatIpv6, getIpv6, type Ipv4Addr } from '@labwire/core/addr';
import { get32 } from '@labwire/core/bytes';
import type { Dissector, Names } from '../base/index.ts';
import { DNSSEC_ALGORITHMS, DS_DIGESTS, EDNS_OPTIONS } from './dns-tables.ts';
import { fqdnPrint } from './fqdn.ts';

const NSEC3_HASHES: Names = { 1: 'SHA-1' };

/** Prints one EDNS option. print-domain.c, eopt_print() @returns where it ends; undefined if it is cut short */
export function ednsPrint(d: Dissector, off: number): number | undefined {
  if (!d.has(off, 2)) return undefined;
  const code = d.u16(off);
  d.print(EDNS_OPTIONS[code] ?? `Opt${code}`);
  if (!d.has(off + 2, 2)) return undefined;
  const length = d.u16(off + 2);
  const at = off + 4;
  if (!d.has(at, length)) return undefined;
  if (length > 0) {
    d.print(' ');
    value(d, code, at, length);
  }
  return at + length;
}

function value(d: Dissector, code: number, at: number, length: number): void {
  const algorithms = (names: Names) =>
    Array.from({ length }, (_, i) => names[d.u8(at + i)] ?? `Alg_${d.u8(at + i)}`).join(' ');
  switch (EDNS_OPTIONS[code]) {
    case 'ECS':
      clientSubnet(d, at, length);
      return;
    case 'COOKIE': {
      const bad = length < 8 || (length > 8 && length < 16) || length > 40;
      if (bad) d.invalid();
      else d.print(d.hex(at, 8) + (length > 8 ? ` ${d.hex(at + 8, length - 8)}` : ''));
      return;
    }
    case 'KEEPALIVE':
      if (length !== 2) d.invalid();
      else d.print(`${(d.u16(at) / 10).toFixed(1)} sec`);
      return;
    case 'EXPIRE':
      if (length !== 4) d.invalid();
      else d.print(`${d.u32(at)} sec`);
      return;
    case 'PADDING':
      d.print(`(${length})`);
      return;
    case 'KEY-TAG':
      if (length % 2 !== 0) d.invalid();
      else
        d.print(Array.from({ length: length / 2 }, (_, i) => String(d.u16(at + 2 * i))).join(' '));
      return;
    case 'DAU':
      d.print(algorithms(DNSSEC_ALGORITHMS));
      return;
    case 'DHU':
      d.print(algorithms(DS_DIGESTS));
      return;
    case 'N3U':
      d.print(algorithms(NSEC3_HASHES));
      return;
    case 'CHAIN':
      fqdnPrint(d, at, at + length);
      return;
    default:
      d.print(d.hex(at, length));
  }
}

/** RFC 7871 section 6 */
function clientSubnet(d: Dissector, at: number, length: number): void {
  const family = length < 4 ? 0 : d.u16(at);
  const bits = family === 1 ? 32 : family === 2 ? 128 : 0;
  const [source, scope] = length < 4 ? [0, 0] : [d.u8(at + 2), d.u8(at + 3)];
  const size = length - 4;
  if (
    bits === 0 ||
    size > bits / 8 ||
    source > bits ||
    scope > bits ||
    (source + 7) >> 3 !== size
  ) {
    d.invalid();
    return;
  }
  const padded = new Uint8Array(16);
  padded.set(d.buf.subarray(at + 4, at + length));
  const address =
    family === 1 ? formatIpv4(get32(padded, 0) as Ipv4Addr) : formatIpv6(getIpv6(padded, 0));
  d.print(`${address}/${source}/${scope}`);
}
