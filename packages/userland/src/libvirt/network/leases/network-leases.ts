import type { Process } from '../../../machine/index.ts';
import { LibvirtError } from '../../base/index.ts';
import { isIpv4, type NetworkDef, parseLooseMac, prefixOfIp, servesDhcp } from '../conf/index.ts';
import { statusFileOf } from '../dnsmasq/index.ts';
import { type Lease, readLeases } from './lease-file.ts';

/** A lease as `virsh net-dhcp-leases` tells of it. virNetworkDHCPLease */
export interface NetworkLease {
  /** Seconds since the epoch; 0 is never. */
  readonly expiry: number;
  readonly mac: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  readonly hostname: string | undefined;
  readonly clientId: string | undefined;
}

/**
 * The leases of a network that have not run out. networkGetDHCPLeases()
 * @param mac only those of this MAC
 * @throws LibvirtError
 */
export function networkLeases(proc: Process, def: NetworkDef, mac?: string): NetworkLease[] {
  if (mac !== undefined && parseLooseMac(mac) === undefined)
    throw new LibvirtError('invalid-mac', mac);
  if (!def.ips.some(servesDhcp) && def.bridge === undefined) return [];
  const path = statusFileOf(def.bridge ?? '');
  const leases = readLeases(proc.fs, path);
  if (leases === undefined) throw new LibvirtError('internal', `invalid json in file: ${path}`);
  return leases.flatMap((lease) => {
    const shown = networkLease(def, lease);
    const expired = shown.expiry > 0 && shown.expiry <= proc.machine.wallClock;
    const other = mac !== undefined && parseLooseMac(mac) !== parseLooseMac(shown.mac);
    return expired || other ? [] : [shown];
  });
}

function networkLease(def: NetworkDef, lease: Lease): NetworkLease {
  const address = lease['ip-address'] ?? '';
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const serving = def.ips.find(
    (ip) => isIpv4(ip.address) === (family === 'ipv4') && servesDhcp(ip),
  );
  return {
    expiry: lease['expiry-time'] ?? 0,
    mac: lease['mac-address'] ?? '',
    family,
    address,
    prefix: serving === undefined ? 0 : prefixOfIp(serving),
    hostname: lease.hostname,
    clientId: lease['client-id'],
  };
}
