export { ipVrf, vrfManual } from './vrf.ts';
