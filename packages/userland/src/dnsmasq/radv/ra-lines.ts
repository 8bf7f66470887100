import { type Ipv6Addr, ipv6 } from '@labwire/core/addr';
import { formatInet } from '../../libc-net/index.ts';
import type { Config, DhcpRange6 } from '../config/index.ts';
import { prettyTime } from '../dhcp/index.ts';

/** The net that a range is in. */
function netOf({ w0, w1 }: Ipv6Addr): string {
  return formatInet(ipv6(w0, w1, 0, 0));
}

function linesOf(config: Config, range: DhcpRange6): string[] {
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

/** What the log says at the start of ranges for IPv6. dnsmasq src/dhcp-common.c, log_context() */
export function raLines(config: Config): string[] {
  const lines = config.dhcp.ranges6.flatMap((range) => linesOf(config, range));
  return config.has('enable-ra') ? [...lines, 'IPv6 router advertisement enabled'] : lines;
}
