import { isInDomain } from '@labwire/devices/dns';
import type { Daemon } from '../../daemon.ts';
import { synthesizedAddress } from '../../domains/index.ts';
import type { Cache } from '../cache/index.ts';

/** Whether a name, or one below it, is known here with some record: it exists. dnsmasq src/rfc1035.c, check_for_local_domain() */
export function existsHere(daemon: Daemon, cache: Cache, name: string, now: number): boolean {
  if (name === '') return false;
  const { config } = daemon;
  const lists = [
    config.naptrs,
    config.mxHosts,
    config.srvHosts,
    config.txtRecords,
    config.interfaceNames,
    config.ptrRecords,
  ];
  if (lists.some((list) => list.some((record) => isInDomain(record.name, name)))) return true;
  if (cache.hasName(name, now)) return true;
  return [true, false].some((is4) => synthesizedAddress(daemon, name, is4) !== undefined);
}
