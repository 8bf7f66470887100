export { NEXTHOP_COMPAT_SYSCTL } from './compat-mode.ts';
export { type GroupMember, Nexthop } from './nexthop.ts';
export { Nexthops } from './nexthops.ts';
