import { formatIpv4, type Ipv6Addr, ipv6 } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import type { Config, DhcpRange, DhcpRange6 } from '../../config/index.ts';
import { prettyTime } from '../option-names/index.ts';

/** What the log says of a range at the start. dnsmasq src/dhcp-common.c, log_context() */
export function rangeLine({ start, end, kind, leaseTime }: DhcpRange): string {
  const time = `lease time ${prettyTime(leaseTime)}`;
  if (kind === 'static') return `DHCP, static leases only on ${formatIpv4(start)}, ${time}`;
  return `DHCP, IP range ${formatIpv4(start)} -- ${formatIpv4(end)}, ${time}`;
}

/** The same of a range for IPv6. */
export function rangeLines6(config: Config, range: DhcpRange6): string[] {
  const { start, end, dhcp, ra, leaseTime, deprecated } = range;
  const net = netOf(start);
  const time = deprecated ? ', prefix deprecated' : `, lease time ${prettyTime(leaseTime)}`;
  const lines: string[] = [];
  if (dhcp && range.raStateless) lines.push(`DHCPv6 stateless on ${net}`);
  else if (dhcp && range.static)
    lines.push(`DHCPv6, static leases only on ${formatInet(end)}${time}`);
  else if (dhcp) lines.push(`DHCPv6, IP range ${formatInet(start)} -- ${formatInet(end)}${time}`);
  if (ra || (config.has('enable-ra') && dhcp)) lines.push(`router advertisement on ${net}`);
  return lines;
}

/** The net that a range is in. */
function netOf({ w0, w1 }: Ipv6Addr): string {
  return formatInet(ipv6(w0, w1, 0, 0));
}
