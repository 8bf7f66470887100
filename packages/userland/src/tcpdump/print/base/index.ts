export { internetSum, shouldBe } from './checksum.ts';
export {
  Dissector,
  hexPairs,
  type IpContext,
  type Layers,
  type PrintOptions,
  type SeqBase,
  Truncated,
} from './dissector.ts';
export { bytesAndText, bytesOnly, textOnly } from './hex.ts';
export { type Bits, bitNames, hexNumber, type Names, relativeTime } from './names.ts';
export { ETHERTYPES, IP_PROTOCOLS, OUIS } from './protocols.ts';
