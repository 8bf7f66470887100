export type { SockInfo, SockState } from './sock-diag.ts';
export { type Received, type SockAddr, type SockError, Socket, type SockType } from './socket.ts';
