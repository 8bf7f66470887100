export { hsrpPrint, vrrpPrint } from './redundancy.ts';
export { ripPrint } from './rip.ts';
