export { type LinkFilter, passesLinkFilter } from './filter.ts';
export { printLinkFlags } from './flags.ts';
export {
  etherProtocolName,
  type InfoRequest,
  type InfoRow,
  LINK_KINDS,
  PORT_STATES,
  parseEtherProtocol,
  printInfo,
} from './kind/index.ts';
export { ADDR_GEN_MODES, type LinkView, printLink, printNameAndLink } from './print.ts';
export { printLinkStats } from './stats.ts';
