export { icmp4Print } from './icmp4.ts';
export { icmp6Print } from './icmp6.ts';
export { igmpPrint } from './igmp.ts';
