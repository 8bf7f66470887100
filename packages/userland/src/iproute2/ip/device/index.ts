export { type LinkFilter, passesLinkFilter } from './filter.ts';
export { printLinkFlags } from './flags.ts';
export {
  etherProtocolName,
  GRE_WORDS,
  type InfoRequest,
  type InfoRow,
  LINK_KINDS,
  PORT_STATES,
  parseEtherProtocol,
  printInfo,
  TUNNEL_WORDS,
} from './kind/index.ts';
export {
  ADDR_GEN_MODES,
  hasIpv4Address,
  type LinkView,
  linkAddrText,
  printLink,
  printNameAndLink,
} from './print.ts';
export { printLinkStats } from './stats.ts';
