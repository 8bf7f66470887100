export {
  type BindKind,
  type DatagramError,
  DatagramFlow,
  type DatagramInet,
  type InetLayers,
} from './datagram-inet.ts';
export { DatagramSocket } from './datagram-socket.ts';
export { fromMapped, toMapped } from './mapped.ts';
export { type PacketAddr, PacketSocket, type ReceivedPacket } from './packet-socket.ts';
export { PingSocket, type PingTable } from './ping-socket.ts';
export { RawSocket, type RawTable } from './raw-socket.ts';
export { Raw6Socket } from './raw6-socket.ts';
export type { SockInfo, SockState } from './sock-diag.ts';
export {
  type IoSocket,
  type PmtuDisc,
  type Received,
  type SockAddr,
  type SockError,
  Socket,
  type SockType,
  type StreamEnd,
} from './socket.ts';
