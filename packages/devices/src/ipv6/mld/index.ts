export { Inet6Groups } from './groups.ts';
export { Mcast } from './mcast.ts';
