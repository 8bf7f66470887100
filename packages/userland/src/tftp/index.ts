export {
  dataPacket,
  errorPacket,
  oackPacket,
  type ReadRequest,
  readRequest,
  sanitise,
  TftpError,
  TftpOp,
  texts,
  word,
} from './packet.ts';
