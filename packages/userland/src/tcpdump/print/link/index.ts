export { arpPrint } from './arp.ts';
export { etherPrint } from './ether.ts';
export { mplsEntry, mplsPrint } from './mpls.ts';
export { BSD_FAMILIES, nullPrint } from './null.ts';
export { pppPrint } from './ppp.ts';
export { pppoePrint } from './pppoe.ts';
export { sll2Print, sllPrint } from './sll.ts';
