export { connbytes } from './connbytes.ts';
export { connlabel } from './connlabel.ts';
export { connlimit } from './connlimit.ts';
export { connmark, mark } from './connmark.ts';
export { conntrack, state } from './conntrack.ts';
export { helper } from './helper.ts';
