import type { Ipv6Addr } from '@labwire/core/addr';
import type { Netns } from '@labwire/devices/netns';
import { linkDump, type RouteInfo, routeDump } from '@labwire/devices/rtnetlink';

const RT_TABLE_MAIN = 254;
const RT_TABLE_LOCAL = 255;
/** RTF_*: Linux include/uapi/linux/route.h and ipv6_route.h. */
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;
const RTF_HOST = 0x4;
const RTF_REJECT = 0x200;
const RTF_NONEXTHOP = 0x20_0000;
const RTF_LOCAL = 0x8000_0000;
const RTNH_F_ONLINK = 4;

const NONE = '0'.repeat(32);
/** `ip6_null_entry`: in place of a default route. */
const NULL_ENTRY = `${NONE} 00 ${NONE} 00 ${NONE} ffffffff 00000001 00000000 00200200       lo\n`;

const hex = (n: number, digits: number): string => (n >>> 0).toString(16).padStart(digits, '0');
const words = ({ w0, w1, w2, w3 }: Ipv6Addr): string =>
  [w0, w1, w2, w3].map((w) => hex(w, 8)).join('');

function flagsOf(r: RouteInfo): number {
  const [hop] = r.nexthops;
  if (r.type === 'local') return RTF_UP | RTF_NONEXTHOP | RTF_LOCAL;
  if (r.type !== 'unicast' && r.type !== 'multicast') return RTF_UP | RTF_REJECT | RTF_NONEXTHOP;
  const gateway = hop?.via === undefined ? 0 : RTF_GATEWAY;
  return RTF_UP | gateway | (((hop?.flags ?? 0) & RTNH_F_ONLINK) === 0 ? 0 : RTF_HOST);
}

/** How many hold on to a route: not counted here, so what there is of each kind at least. */
function references(r: RouteInfo): number {
  return r.type === 'local' ? 2 : r.type === 'multicast' ? 4 : 1;
}

function line(r: RouteInfo, names: ReadonlyMap<number, string>): string {
  const [hop] = r.nexthops;
  const via = hop?.via === undefined ? NONE : words(hop.via as Ipv6Addr);
  const device = (names.get(hop?.ifindex ?? 0) ?? 'lo').padStart(8);
  const numbers = [r.priority, references(r), 0, flagsOf(r)].map((n) => hex(n, 8)).join(' ');
  return `${words(r.dst as Ipv6Addr)} ${hex(r.dstLen, 2)} ${NONE} 00 ${via} ${numbers} ${device}\n`;
}

/** /proc/net/ipv6_route. Linux net/ipv6/ip6_fib.c, ipv6_route_native_seq_show() */
export function ipv6Route(netns: Netns): string {
  const names = new Map(linkDump(netns).map((l) => [l.ifindex, l.name]));
  const table = (id: number): string => {
    const routes = routeDump(netns, 'inet6', id);
    const lines = routes.map((r) => line(r, names)).join('');
    return routes.some((r) => r.dstLen === 0) ? lines : lines + NULL_ENTRY;
  };
  return table(RT_TABLE_MAIN) + table(RT_TABLE_LOCAL);
}
