export { accept, connect, recv, sendAll, sendTo } from './blocking.ts';
export { EventLoop, type Strand, type Wait } from './event-loop.ts';
export { fileRows } from './file-rows.ts';
export {
  type ArgKind,
  type GetoptResult,
  getopt,
  type LongOption,
  type OptionFound,
} from './getopt.ts';
export {
  type GetoptTable,
  getoptManual,
  getoptRows,
  usageTexts,
  withOptions,
} from './getopt-manual.ts';
export { familyOf, sameInet } from './inet-addr.ts';
export {
  formatInet,
  formatSockHost,
  inetAton,
  parseInet,
  parseScopedIpv6,
} from './inet-text.ts';
export { netbase } from './netbase.ts';
export { atoi, formatG, LONG_MAX_TEXT, parseLong, strtod } from './number.ts';
export { openTcp, openUdp, type StreamSocket } from './open-socket.ts';
export { inetSockets, type OpenSocket, openSockets } from './open-sockets.ts';
export { closeFile, openPacket, PacketFile } from './packet-file.ts';
export {
  type ProtocolEntry,
  readProtocols,
  readServices,
  type Service,
  serviceByName,
  serviceByPort,
} from './services.ts';
export { SignalFlag } from './signal-flag.ts';
export { closeSocket, descriptorOf, installFd, installSocket, SocketFile } from './socket-file.ts';
export { bindUnix, connectUnix, findUnix, openUnix, openUnixPair } from './unix.ts';
