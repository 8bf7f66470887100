export { ipNexthop, nexthopManual } from './nexthop.ts';
export { nexthopEntry } from './print.ts';
