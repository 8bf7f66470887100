export { ipVrf } from './vrf.ts';
