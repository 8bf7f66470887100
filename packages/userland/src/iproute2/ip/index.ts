export {
  etherProtocolName,
  type InfoRow,
  LINK_KINDS,
  PORT_STATES,
  parseEtherProtocol,
  printInfo,
  printLinkFlags,
  printNameAndLink,
} from './device/index.ts';
export { ip, ipManual } from './ip.ts';
export { switchNetns } from './netns/index.ts';
