export { addressHash, allocateAddress, type Pool } from './allocate.ts';
export { PING_WAIT, PingCache, type PingWait, type ReplyWait } from './ping-cache.ts';
export {
  addressAvailable,
  completeRanges,
  type DeviceAddress,
  type NetHint,
  narrowRange,
  rangesByHint,
  sameNet,
} from './ranges.ts';
