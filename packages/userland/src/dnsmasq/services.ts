import type { Daemon } from './daemon.ts';
import { DnsService } from './dns/index.ts';
import type { Service } from './service.ts';

/** The parts that a configuration asks for, in the order in which they start. */
export function openServices(daemon: Daemon): Service[] {
  const services: Service[] = [];
  if (daemon.config.port !== 0) services.push(new DnsService(daemon));
  return services;
}
