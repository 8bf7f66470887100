import type { Daemon } from './daemon.ts';
import { Dhcp6Service, DhcpAnnouncement, DhcpService, LeaseService } from './dhcp/index.ts';
import { DnsService } from './dns/index.ts';
import { RadvService } from './radv/index.ts';
import type { Service } from './service.ts';
import { TftpService } from './tftp/index.ts';

/** The parts that a configuration asks for, in the order in which they start. */
export function openServices(daemon: Daemon): Service[] {
  const services: Service[] = [];
  const { port, dhcp } = daemon.config;
  if (port !== 0) services.push(new DnsService(daemon));
  const { ranges, ranges6 } = dhcp;
  if (ranges.length > 0 || ranges6.some((r) => r.dhcp)) {
    const leases = new LeaseService(daemon);
    services.push(leases);
    if (ranges.length > 0) services.push(new DhcpService(daemon, leases));
    if (ranges6.some((r) => r.dhcp)) services.push(new Dhcp6Service(daemon));
  }
  if (ranges6.some((r) => r.ra || daemon.config.has('enable-ra')))
    services.push(new RadvService(daemon));
  if (ranges.length > 0 || ranges6.length > 0) services.push(new DhcpAnnouncement(daemon));
  if (dhcp.tftp) services.push(new TftpService(daemon));
  return services;
}
