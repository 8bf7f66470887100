export { isPlainName } from './config-dir.ts';
export { ethersHost, isHostname, parseHex, sameNet6, stripHostname } from './dhcp/index.ts';
export {
  need,
  type OptionContext,
  type OptionHandler,
  type OptionHandlers,
} from './handlers/index.ts';
export { dnsmasqManual } from './manual.ts';
export type { Complain, FileKind, OptionReader } from './option-reader.ts';
export {
  canonicalise,
  optionName,
  parseInteger,
  parseInteger16,
  split,
  splitAll,
  splitAt,
  unhide,
} from './option-text.ts';
export { type ReadOptions, readOptions } from './read-options.ts';
export { usageText } from './usage-text.ts';
