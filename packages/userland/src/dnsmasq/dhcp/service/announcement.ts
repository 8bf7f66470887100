import type { PollItem } from '../../../machine/index.ts';
import type { Daemon } from '../../daemon.ts';
import type { Service } from '../../service.ts';
import { rangeLine, rangeLines6 } from './range-lines.ts';

/** The one device that is served, if --bind-interfaces keeps others from joining it. dnsmasq src/dhcp-common.c, whichdevice() */
export function onlyDevice({ config, network }: Daemon): string | undefined {
  const { interfaces } = config;
  if (
    !network.bound ||
    interfaces.length === 0 ||
    interfaces.some((o) => !o.used || o.name.includes('*'))
  )
    return undefined;
  const names = new Set(network.served.filter((s) => s.dhcp4 || s.dhcp6).map((s) => s.device));
  return names.size === 1 ? [...names][0] : undefined;
}

/** What the log says at the start of all ranges. It serves nothing itself. */
export class DhcpAnnouncement implements Service {
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  announce(): void {
    const { config, log } = this.#daemon;
    const { ranges, ranges6 } = config.dhcp;
    for (const range of ranges) log.info(rangeLine(range), 'dhcp');
    for (const range of ranges6)
      for (const line of rangeLines6(config, range)) log.info(line, 'dhcp');
    if (config.has('enable-ra')) log.info('IPv6 router advertisement enabled', 'dhcp');
    const device = onlyDevice(this.#daemon);
    if (device !== undefined)
      log.info(`DHCP, sockets bound exclusively to interface ${device}`, 'dhcp');
  }

  waits(): readonly PollItem[] {
    return [];
  }

  wakeAt(): undefined {
    return undefined;
  }

  serve(): void {
    // it has spoken at the start
  }
}
