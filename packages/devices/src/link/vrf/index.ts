export { Vrf } from './vrf.ts';
