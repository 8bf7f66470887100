export {
  type Bandwidth,
  formatBandwidth,
  isSection,
  type NetworkDef,
  parseBandwidth,
  type Section,
  type UpdateCommand,
} from './conf/index.ts';
export {
  type Affected,
  BandwidthLimit,
  type Network,
  NetworkDriver,
  type NetworkPort,
} from './driver/index.ts';
export { leasesHelper, type NetworkLease } from './leases/index.ts';
