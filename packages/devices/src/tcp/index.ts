export { Flow, type TcpInet } from './flow.ts';
export type { TcpIcmpError } from './icmp-error.ts';
export { TcpSocket } from './socket.ts';
export { TcpSocketOptions } from './socket-options.ts';
export type { Tcb, TcpState } from './tcb.ts';
export { TCP_CONF_DEFAULT, type TcpConf } from './tcp-conf.ts';
export { TcpLayer } from './tcp-layer.ts';
