export type { InDevice, InIfaddr } from './in-device.ts';
export { Ipv4 } from './ipv4.ts';
export { IpMib } from './mib.ts';
export {
  NF_INET_FORWARD,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
  type NfHooks,
} from './nf-hooks.ts';
export type { Rtable } from './rtable.ts';
export type { Ipv4Conf } from './sysctl/ipv4-conf.ts';
export { Ipv4TxHeader } from './tx-header.ts';
