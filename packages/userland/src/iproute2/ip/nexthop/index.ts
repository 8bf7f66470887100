export { ipNexthop } from './nexthop.ts';
export { nexthopEntry } from './print.ts';
