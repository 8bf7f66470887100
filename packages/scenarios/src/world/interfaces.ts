import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import { IPV4_ANY, IPV6_ANY } from '@labwire/core/addr';
import { IFF_UP } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { addrAdd, type Family, linkSet, routeAdd } from '@labwire/devices/rtnetlink';
import type { PluggedNic } from './links.ts';
import { refusal } from './refusal.ts';

/** As `ip route add` sends it: made, and refused if it is there. */
const CREATE = { create: true, excl: true } as const;
/** RTPROT_BOOT, what `ip route add` says when nobody does. */
const RTPROT_BOOT = 3;

/** Sets all interfaces up with their addresses, then, since a gateway may be behind another's link, the default routes. */
export function configureInterfaces(nics: readonly PluggedNic[]): void {
  for (const nic of nics) setUp(nic);
  for (const nic of nics) addGateway(nic);
}

function setUp({ machine, config, dev }: PluggedNic): void {
  const at = (key: string): PropertyKey[] => ['interfaces', config.name, key];
  const netns = dev.netns as Netns;
  if (config.mtu !== undefined) {
    const { mtu } = config;
    refusal(machine, at('mtu'), () => linkSet(netns, dev.ifindex, { mtu }));
  }
  if (config.up !== false) linkSet(netns, dev.ifindex, { setFlags: IFF_UP });
  for (const [i, { addr, prefixLen }] of (config.addresses ?? []).entries()) {
    const request = { family: familyOf(addr), ifindex: dev.ifindex, local: addr, prefixLen };
    refusal(machine, [...at('addresses'), i], () => addrAdd(netns, request, CREATE));
  }
}

function addGateway({ machine, config, dev }: PluggedNic): void {
  const via = config.gateway;
  if (via === undefined) return;
  const family = familyOf(via);
  refusal(machine, ['interfaces', config.name, 'gateway'], () =>
    routeAdd(
      dev.netns as Netns,
      {
        family,
        dst: family === 'inet' ? IPV4_ANY : IPV6_ANY,
        dstLen: 0,
        protocol: RTPROT_BOOT,
        nexthops: [{ via }],
      },
      CREATE,
    ),
  );
}

function familyOf(addr: Ipv4Addr | Ipv6Addr): Family {
  return typeof addr === 'number' ? 'inet' : 'inet6';
}
