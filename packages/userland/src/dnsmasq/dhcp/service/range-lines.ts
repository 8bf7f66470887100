import { formatIpv4 } from '@labwire/core/addr';
import type { DhcpRange } from '../../config/index.ts';
import { prettyTime } from '../option-names/index.ts';

/** What the log says of a range at the start. dnsmasq src/dhcp-common.c, log_context() */
export function rangeLine({ start, end, kind, leaseTime }: DhcpRange): string {
  const time = `lease time ${prettyTime(leaseTime)}`;
  if (kind === 'static') return `DHCP, static leases only on ${formatIpv4(start)}, ${time}`;
  return `DHCP, IP range ${formatIpv4(start)} -- ${formatIpv4(end)}, ${time}`;
}
