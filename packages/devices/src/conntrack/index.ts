export { CONNTRACK_CONF_DEFAULT, type ConntrackConf } from './conf.ts';
export { Conntrack, type ConntrackEvent } from './conntrack.ts';
export {
  type CtDumpFilter,
  type CtInfo,
  type CtRequest,
  ctDelete,
  ctDump,
  ctFlush,
  ctGet,
  ctInfo,
  ctNew,
  type MaskedWord,
  type NatWish,
} from './ctnetlink.ts';
export type { Expectation } from './expect.ts';
export {
  IPCT_DESTROY,
  IPCT_MARK,
  IPCT_PROTOINFO,
  IPS_ASSURED,
  IPS_DST_NAT_DONE,
  IPS_EXPECTED,
  IPS_FIXED_TIMEOUT,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT_DONE,
  type NfConn,
  ZONE_DIR_BOTH,
  ZONE_DIR_ORIG,
  ZONE_DIR_REPLY,
} from './nf-conn.ts';
export { TCP_CT_NAMES } from './proto-tcp.ts';
export { icmpInverse, isIcmp, sameAddr, type Tuple } from './tuple.ts';
