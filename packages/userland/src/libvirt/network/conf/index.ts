export * from './definition.ts';
export { formatBandwidth } from './format-link.ts';
export { type Connections, formatNetwork } from './format-network.ts';
export { parseLooseMac } from './mac.ts';
export { parseBandwidth } from './parse-link.ts';
export { networkOf, parseDocument, parseNetwork } from './parse-network.ts';
export {
  isIpv4,
  maskByPrefix,
  prefixOfIp,
  prefixOfRoute,
  prefixToNetmask,
  rangeSize,
} from './socket-address.ts';
export {
  isSection,
  type NetworkUpdate,
  type Section,
  type UpdateCommand,
  updatedNetwork,
} from './update/index.ts';
export { validateNetwork } from './validate.ts';
