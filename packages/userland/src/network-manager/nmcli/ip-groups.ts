import { addrDump, routeDump } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../libc-net/index.ts';
import { dnsOf, type NetworkManager, type NmDevice } from '../daemon/index.ts';
import type { DetailGroup } from './table.ts';

/** A route as nmcli has it. */
export interface ShownRoute {
  readonly dst: string;
  readonly via: string | undefined;
  readonly metric: number;
}

/** Addresses of a device that are in use. */
export function addressesOf(
  manager: NetworkManager,
  dev: NmDevice,
  family: 'inet' | 'inet6',
): string[] {
  return addrDump(manager.proc.netns, family)
    .filter((a) => a.ifindex === dev.link.ifindex)
    .map((a) => `${formatInet(a.local)}/${a.prefixLen}`);
}

/** Routes by a device: those that it was given, or those that somebody else has set. */
export function routesOf(
  manager: NetworkManager,
  dev: NmDevice,
  family: 'inet' | 'inet6',
): ShownRoute[] {
  const v4 = family === 'inet';
  if (dev.active !== undefined && !dev.isExternal)
    return dev.routes
      .filter((r) => (typeof r.dst === 'number') === v4)
      .map((r) => ({
        dst: `${formatInet(r.dst)}/${r.dstLen}`,
        via: r.via === undefined ? undefined : formatInet(r.via),
        metric: r.metric,
      }));
  if (dev.type === 'loopback') return [];
  return routeDump(manager.proc.netns, family)
    .filter((r) => r.table === 254 && r.nexthops[0]?.ifindex === dev.link.ifindex)
    .filter((r) => r.type === 'unicast' && !(family === 'inet6' && r.dstLen === 8))
    .map((r) => {
      const via = r.nexthops[0]?.via;
      return {
        dst: `${formatInet(r.dst)}/${r.dstLen}`,
        via: via === undefined ? undefined : formatInet(via),
        metric: r.priority,
      };
    });
}

/** The gateway of a device's default route. */
export function gatewayOf(
  manager: NetworkManager,
  dev: NmDevice,
  family: 'inet' | 'inet6',
): string {
  const any = family === 'inet' ? '0.0.0.0/0' : '::/0';
  return routesOf(manager, dev, family).find((r) => r.dst === any)?.via ?? '';
}

/** The groups IP4 and IP6. */
export function ipGroup(
  manager: NetworkManager,
  dev: NmDevice,
  family: 'inet' | 'inet6',
): DetailGroup {
  const name = family === 'inet' ? 'IP4' : 'IP6';
  const none = family === 'inet' ? '0.0.0.0' : '::';
  const { servers, searches, domains } = dnsOf(dev);
  const isOurs = (text: string) => text.includes(':') === (family === 'inet6');
  const routes = routesOf(manager, dev, family).map(
    (r) => `dst = ${r.dst}, nh = ${r.via ?? none}, mt = ${r.metric}`,
  );
  const list = family === 'inet' ? { domains, searches } : { domains: [], searches: [] };
  const fields: { name: string; value: string | readonly string[] }[] = [
    { name: 'ADDRESS', value: addressesOf(manager, dev, family) },
    { name: 'GATEWAY', value: gatewayOf(manager, dev, family) },
    { name: 'ROUTE', value: routes },
    { name: 'DNS', value: servers.filter(isOurs) },
    { name: 'DOMAIN', value: list.domains },
    { name: 'SEARCHES', value: list.searches },
  ];
  if (family === 'inet') fields.push({ name: 'WINS', value: [] });
  return { name, nested: true, fields };
}
