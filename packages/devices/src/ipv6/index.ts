export type { Ipv6Conf } from './conf.ts';
export { DatagramInet6 } from './datagram-inet6.ts';
export type { Fib6Route } from './fib6-route.ts';
export type { Inet6Addr } from './inet6-addr.ts';
export { newIp6Skb } from './ip6-build.ts';
export type { Flow6 } from './ip6-output.ts';
export { Ipv6 } from './ipv6.ts';
export { addrAdd6, addrDel6, addrDump6, addrInfo6 } from './rtnetlink-addr.ts';
export {
  routeAdd6,
  routeCache6,
  routeDel6,
  routeDump6,
  routeGet6,
  routeInfo as routeInfo6,
} from './rtnetlink-route.ts';
export { TcpInet6 } from './tcp-inet6.ts';
