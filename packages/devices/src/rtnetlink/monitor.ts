/** What programs are told when something changes. Linux net/core/rtnetlink.c, rtnl_notify() and those who call it. */
import { type FibRoute, type FibRule, ruleInfo } from '../fib/index.ts';
import type { InIfaddr } from '../ipv4/in-device.ts';
import { addrInfo } from '../ipv4/rtnetlink/addr.ts';
import { routeInfo as routeInfo4 } from '../ipv4/rtnetlink/route.ts';
import type { Fib6Rule } from '../ipv6/fib6-rule.ts';
import { addrInfo6, type Fib6Route, routeInfo6 } from '../ipv6/index.ts';
import type { Inet6Addr } from '../ipv6/inet6-addr.ts';
import type { NetDevice } from '../link/net-device.ts';
import type { Neigh } from '../neigh/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { RtnlSubject } from '../netns/rtnl-groups.ts';
import type { Nexthop } from '../nexthop/index.ts';
import { linkInfo } from './link/link-info.ts';
import { neighInfo } from './neigh.ts';
import { nexthopInfo } from './nexthop.ts';
import type {
  AddrInfo,
  Family,
  LinkInfo,
  NeighInfo,
  NexthopObjectInfo,
  RouteInfo,
  RuleInfo,
} from './types.ts';

/** One message: what there is now, or what is `deleted`. */
export type RtnlMessage = { readonly deleted: boolean } & (
  | { readonly about: 'link'; readonly info: LinkInfo }
  | { readonly about: 'address'; readonly info: AddrInfo }
  | { readonly about: 'route'; readonly info: RouteInfo }
  | { readonly about: 'neigh'; readonly info: NeighInfo }
  | { readonly about: 'rule'; readonly info: RuleInfo }
  | { readonly about: 'nexthop'; readonly info: NexthopObjectInfo }
);

function messageOf(
  netns: Netns,
  subject: RtnlSubject,
  deleted: boolean,
  what: unknown,
): RtnlMessage {
  switch (subject) {
    case 'link':
      return { about: 'link', deleted, info: linkInfo(what as NetDevice) };
    case 'addr4':
      return { about: 'address', deleted, info: addrInfo(netns.ipv4, what as InIfaddr) };
    case 'addr6':
      return { about: 'address', deleted, info: addrInfo6(netns, what as Inet6Addr) };
    case 'route4':
      return { about: 'route', deleted, info: routeInfo4(netns, what as FibRoute) };
    case 'route6':
      return { about: 'route', deleted, info: routeInfo6(netns, what as Fib6Route) };
    case 'rule4':
      return {
        about: 'rule',
        deleted,
        info: ruleInfo(netns, 'inet', what as FibRule, netns.ipv4.fib.rules()),
      };
    case 'rule6':
      return {
        about: 'rule',
        deleted,
        info: ruleInfo(netns, 'inet6', what as Fib6Rule, netns.ipv6.fib.rules()),
      };
    case 'nexthop':
      return { about: 'nexthop', deleted, info: nexthopInfo(what as Nexthop) };
  }
}

/** States of which nobody is told: somebody asks, or is about to. */
const UNTOLD: readonly string[] = ['incomplete', 'delay', 'none'];

function listenNeigh(netns: Netns, family: Family, hear: (m: RtnlMessage) => void): () => void {
  const table = family === 'inet' ? netns.ipv4.neigh : netns.ipv6.neigh;
  const tell = (neigh: Neigh, deleted: boolean): void =>
    hear({ about: 'neigh', deleted, info: neighInfo(neigh, family) });
  const stops = [
    table.onChange.listen((neigh) => {
      if (!UNTOLD.includes(neigh.nud)) tell(neigh, false);
    }),
    table.onRemove.listen((neigh) => tell(neigh, true)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Calls `hear` at each change of a namespace's devices, addresses, routes, neighbours, rules and nexthops.
 * @returns what stops that
 * @deviation routes that the kernel makes for IPv6 addresses are not told of
 */
export function rtnlListen(netns: Netns, hear: (m: RtnlMessage) => void): () => void {
  const stops = [
    netns
      .openRtnl()
      .listen((subject, deleted, what) => hear(messageOf(netns, subject, deleted, what))),
    listenNeigh(netns, 'inet', hear),
    listenNeigh(netns, 'inet6', hear),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
