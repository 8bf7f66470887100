export { BOND_MODES } from './bond-modes.ts';
export { addressesText, Dhcp4Client, type Dhcp4Config, type Dhcp4Events } from './dhcp4-client.ts';
export type { Dhcp4Lease, Dhcp4Route } from './dhcp4-lease.ts';
export {
  addAddress,
  addRoute,
  type CidrAddress,
  flushDevice,
  linkByName,
  makeTun,
  parseCidr,
  type StaticRoute,
  writeSysctl,
} from './link-setup.ts';
