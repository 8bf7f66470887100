import type { InetAddr } from '@labwire/devices/rtnetlink';
import { sameInet } from '../../libc-net/index.ts';
import type { Config } from '../config/index.ts';

/** Whether a device's name fits one of an option, which may end in `*`. wildcard_match() */
export function nameFits(pattern: string, name: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === name;
  return name.length > star && name.startsWith(pattern.slice(0, star));
}

/**
 * Whether dnsmasq is there for an address of a device; marks the options that say so as used.
 * @param addr undefined: by the device's name alone
 * dnsmasq src/network.c, iface_check()
 */
export function isServed(config: Config, device: string, addr: InetAddr | undefined): boolean {
  const { interfaces, listenAddresses, exceptInterfaces } = config;
  const restricted = config.restricted || interfaces.length + listenAddresses.length > 0;
  let served = !restricted;
  let byAddress = false;
  if (restricted) {
    for (const option of interfaces) {
      if (!nameFits(option.name, device)) continue;
      option.used = true;
      served = true;
    }
    for (const option of listenAddresses) {
      if (addr === undefined || !sameInet(option.addr, addr)) continue;
      option.used = true;
      served = true;
      byAddress = true;
    }
  }
  if (!byAddress && exceptInterfaces.some((o) => nameFits(o.name, device))) return false;
  return served;
}
