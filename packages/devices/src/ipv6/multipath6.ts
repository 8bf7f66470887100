/** What tells flows of IPv6 apart that are spread over next hops. Linux net/ipv6/route.c, rt6_multipath_hash(). */
import type { Ipv6Addr } from '@labwire/core/addr';

/** net.ipv6.fib_multipath_hash_policy: 0 addresses, 1 ports too, 2 as 0 (@deviation: tunnels are not looked into), 3 by fields. */
const POLICY_L4 = 1;
const POLICY_CUSTOM = 3;
/** Bits of net.ipv6.fib_multipath_hash_fields. Linux include/net/ip_fib.h, FIB_MULTIPATH_HASH_FIELD_* */
const SRC_IP = 1 << 0;
const DST_IP = 1 << 1;
const IP_PROTO = 1 << 2;
const SRC_PORT = 1 << 4;
const DST_PORT = 1 << 5;

/** Settings of a namespace. */
export interface Multipath6Conf {
  policy: number;
  fields: number;
}

/** What of a transport header counts. */
export interface PortKeys {
  readonly protocol?: number;
  readonly sport?: number;
  readonly dport?: number;
}

/** Nothing is known of the ports. */
export const NO_PORTS: PortKeys = {};

const fieldsOf = ({ policy, fields }: Multipath6Conf): number => {
  if (policy === POLICY_CUSTOM) return fields;
  return policy === POLICY_L4 ? SRC_IP | DST_IP | IP_PROTO | SRC_PORT | DST_PORT : SRC_IP | DST_IP;
};

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x85ebca6b);
  return h ^ (h >>> 13);
}

const mixAddr = (hash: number, a: Ipv6Addr): number =>
  mix(mix(mix(mix(hash, a.w0), a.w1), a.w2), a.w3);

/** A hash that all packets of a flow share: 32 bits. */
export function multipathHash6(
  conf: Multipath6Conf,
  saddr: Ipv6Addr,
  daddr: Ipv6Addr,
  keys: PortKeys,
): number {
  const fields = fieldsOf(conf);
  let h = 0x2545f491;
  if ((fields & SRC_IP) !== 0) h = mixAddr(h, saddr);
  if ((fields & DST_IP) !== 0) h = mixAddr(h, daddr);
  if ((fields & IP_PROTO) !== 0) h = mix(h, keys.protocol ?? 0);
  if ((fields & SRC_PORT) !== 0) h = mix(h, keys.sport ?? 0);
  if ((fields & DST_PORT) !== 0) h = mix(h, keys.dport ?? 0);
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
