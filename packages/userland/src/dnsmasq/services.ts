import type { Daemon } from './daemon.ts';
import { DhcpService, LeaseKeeper, ScriptRunner } from './dhcp/index.ts';
import { DnsService } from './dns/index.ts';
import { RadvService } from './radv/index.ts';
import type { Service } from './service.ts';

/** The parts that a configuration asks for, in the order in which they start. */
export function openServices(daemon: Daemon): Service[] {
  const services: Service[] = [];
  const { port, dhcp } = daemon.config;
  if (port !== 0) services.push(new DnsService(daemon));
  if (dhcp.ranges.length > 0) {
    const leases = new LeaseKeeper(daemon);
    const { script } = dhcp;
    const runner =
      script === undefined ? undefined : new ScriptRunner(daemon, leases.store, script);
    services.push(new DhcpService(daemon, leases, runner));
  }
  if (dhcp.ranges6.some((r) => r.ra || daemon.config.has('enable-ra')))
    services.push(new RadvService(daemon));
  return services;
}
