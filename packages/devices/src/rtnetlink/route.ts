import {
  routeAdd4,
  routeCache4,
  routeDel4,
  routeDump4,
  routeGet4,
} from '../ipv4/rtnetlink/route.ts';
import { routeAdd6, routeCache6, routeDel6, routeDump6, routeGet6 } from '../ipv6/index.ts';
import type { Netns } from '../netns/netns.ts';
import type { NewFlags, RouteGetRequest, RouteRequest } from './requests.ts';
import type { Family, RouteInfo } from './types.ts';

/** RTM_GETROUTE of a whole family, or of both, in the kernel's order; of one table if that is given. */
export function routeDump(netns: Netns, family?: Family, table?: number): RouteInfo[] {
  const v4 = family === 'inet6' ? [] : routeDump4(netns, table);
  return family === 'inet' ? v4 : [...v4, ...routeDump6(netns, table)];
}

/** RTM_GETROUTE with RTM_F_CLONED: what was learnt of destinations, IPv4 first. */
export function routeCacheDump(netns: Netns, family?: Family): RouteInfo[] {
  const v4 = family === 'inet6' ? [] : routeCache4(netns);
  return family === 'inet' ? v4 : [...v4, ...routeCache6(netns)];
}

/** RTM_NEWROUTE. @throws KernelError EEXIST, ENOENT, EINVAL, ENODEV, ENETDOWN, ENETUNREACH with the kernel's words */
export function routeAdd(netns: Netns, req: RouteRequest, flags: NewFlags): void {
  if (req.family === 'inet') routeAdd4(netns, req, flags);
  else routeAdd6(netns, req, flags);
}

/** RTM_DELROUTE. @throws KernelError ESRCH, EINVAL */
export function routeDel(netns: Netns, req: RouteRequest): void {
  if (req.family === 'inet') routeDel4(netns, req);
  else routeDel6(netns, req);
}

/** RTM_GETROUTE for one destination. @throws KernelError ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENODEV */
export function routeGet(netns: Netns, req: RouteGetRequest): RouteInfo {
  return req.family === 'inet' ? routeGet4(netns, req) : routeGet6(netns, req);
}
