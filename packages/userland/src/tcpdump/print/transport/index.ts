export { tcpPrint } from './tcp.ts';
export { udpPrint } from './udp.ts';
