export { TCP_CONF_DEFAULT, type TcpConf, TcpSocketOptions } from './conf/index.ts';
export { Flow, type TcpInet } from './flow.ts';
export type { TcpIcmpError } from './input/icmp-error.ts';
export { TcpExtMib, TcpMib } from './mib.ts';
export { TcpSocket } from './socket.ts';
export type { Tcb, TcpState } from './tcb.ts';
export { TcpLayer } from './tcp-layer.ts';
