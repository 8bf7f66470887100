export { dccp } from './dccp.ts';
export { multiport } from './multiport.ts';
export { sctp } from './sctp.ts';
export { tcp } from './tcp.ts';
export { udp } from './udp.ts';
