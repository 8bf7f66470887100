import type { Dissector, IpContext } from './dissector.ts';

/** The sum of the pseudo-header of a checksum. RFC 1071, RFC 8200 section 8.1 */
export function pseudoSum(d: Dissector, ip: IpContext, proto: number, length: number): number {
  const [from, n] = ip.version === 4 ? [ip.off + 12, 8] : [ip.off + 8, 32];
  let sum = proto + (length & 0xffff) + (length >>> 16);
  for (let i = 0; i < n; i += 2) sum += d.u16(from + i);
  return sum;
}

/** `SOURCE.PORT > DESTINATION.PORT: ` */
export function endpoints(
  d: Dissector,
  ip: IpContext,
  proto: 'tcp' | 'udp',
  sport: number,
  dport: number,
): void {
  const [src, dst] =
    ip.version === 4
      ? [d.ip4(ip.off + 12), d.ip4(ip.off + 16)]
      : [d.ip6(ip.off + 8), d.ip6(ip.off + 24)];
  d.print(`${src}.${d.port(sport, proto)} > ${dst}.${d.port(dport, proto)}: `);
}
