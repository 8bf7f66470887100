import type { Dissector, IpContext } from '../base/index.ts';

const SSRR = 137;
const LSRR = 131;
const EXTENSIONS: readonly number[] = [0, 43, 44, 60, 62, 135];

/** Where the address is that the last router will see: a source route names it. print-ip.c, ip_finddst() */
function destination4(d: Dissector, off: number): number {
  let left = (d.u8(off) & 15) * 4 - 20;
  for (let at = off + 20; left > 0; ) {
    const type = d.u8(at);
    if (type === 0) break;
    const size = type === 1 ? 1 : d.u8(at + 1);
    if (size < 1 || (type !== 1 && size < 2) || size > left || !d.has(at, size)) break;
    if ((type === SSRR || type === LSRR) && size >= 7) return at + size - 4;
    at += size;
    left -= size;
  }
  return off + 16;
}

/** The same for IPv6: a routing header names it. print-ip6.c, ip6_finddst() */
function destination6(d: Dissector, off: number): number {
  let next = d.u8(off + 6);
  let at = off + 40;
  while (EXTENSIONS.includes(next) && at < d.end) {
    if (next === 43) return routed(d, at) ?? off + 24;
    const size = next === 44 ? 8 : (d.u8(at + 1) + 1) * 8;
    next = d.u8(at);
    at += size;
  }
  return off + 24;
}

function routed(d: Dissector, at: number): number | undefined {
  d.need(at, 4);
  const [units, type] = [d.u8(at + 1), d.u8(at + 2)];
  if (units % 2 === 1) return undefined;
  if (type === 4) return d.has(at + 8, 16) ? at + 8 : undefined;
  if ((type !== 0 && type !== 2) || units === 0) return undefined;
  let last: number | undefined;
  for (let i = 0; i < units / 2 && d.has(at + 8 + 16 * i, 16); i++) last = at + 8 + 16 * i;
  return last;
}

/** The sum of the pseudo-header of a checksum. RFC 1071, RFC 8200 section 8.1 */
export function pseudoSum(d: Dissector, ip: IpContext, proto: number, length: number): number {
  const n = ip.version === 4 ? 4 : 16;
  const [from, to] =
    ip.version === 4
      ? [ip.off + 12, destination4(d, ip.off)]
      : [ip.off + 8, destination6(d, ip.off)];
  let sum = proto + (length & 0xffff) + (length >>> 16);
  for (let i = 0; i < n; i += 2) sum += d.u16(from + i) + d.u16(to + i);
  return sum;
}

/** `SOURCE.PORT > DESTINATION.PORT: `; without addresses where they were printed before. */
export function endpoints(
  d: Dissector,
  ip: IpContext,
  proto: 'tcp' | 'udp',
  sport: number,
  dport: number,
): void {
  const number = proto === 'tcp' ? 6 : 17;
  const [from, to] = [d.port(sport, proto), d.port(dport, proto)];
  if (d.u8(ip.off + (ip.version === 4 ? 9 : 6)) !== number) {
    d.print(`${from} > ${to}: `);
    return;
  }
  const [src, dst] = ipAddresses(d, ip);
  d.print(`${src}.${from} > ${dst}.${to}: `);
}

/** The addresses of an IP header as text. */
export function ipAddresses(d: Dissector, ip: IpContext): readonly [src: string, dst: string] {
  return ip.version === 4
    ? [d.ip4(ip.off + 12), d.ip4(ip.off + 16)]
    : [d.ip6(ip.off + 8), d.ip6(ip.off + 24)];
}
