export { eui64 } from './eui64.ts';
export { frag } from './frag.ts';
export { ipv6header } from './ipv6header.ts';
export { mh } from './mh.ts';
export { dst, hbh } from './options-header.ts';
export { rt } from './rt.ts';
