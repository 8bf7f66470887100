export type { Ipv6Conf } from './conf.ts';
export type { Fib6Route } from './fib6.ts';
export { icmp6Errno } from './icmp6.ts';
export type { Inet6Addr } from './inet6-addr.ts';
export { newIp6Skb } from './ip6-build.ts';
export type { Flow6 } from './ip6-output.ts';
export {
  type Icmp6Error,
  type Inet6Listener,
  type Inet6Protocol,
  Ipv6,
  type Nf6Hooks,
} from './ipv6.ts';
export { addrAdd6, addrDel6, addrDump6 } from './rtnetlink-addr.ts';
export { routeAdd6, routeDel6, routeDump6, routeGet6 } from './rtnetlink-route.ts';
