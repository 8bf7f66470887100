export { UdpLayer } from './udp-layer.ts';
export { UdpMib } from './udp-mib.ts';
export { UdpSocket } from './udp-socket.ts';
