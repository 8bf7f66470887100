import type { RouteType } from '@labwire/devices/rtnetlink';
import { parseUnsigned } from '../parse/index.ts';

/** RTN_* by number. Linux include/uapi/linux/rtnetlink.h. */
const TYPES: readonly (RouteType | undefined)[] = [
  undefined,
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
];

/** Reads a route type: a name, `brd`, or its number. Source: iproute2 ip/rtm_map.c, rtnl_rtntype_a2n(). @returns undefined if it is none */
export function parseRouteType(text: string): RouteType | undefined {
  if (text === 'brd') return 'broadcast';
  const byName = TYPES.find((t) => t === text);
  if (byName !== undefined) return byName;
  const number = parseUnsigned(text, 255);
  return number === undefined ? undefined : TYPES[number];
}
