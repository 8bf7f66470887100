/** The trackers of UDP, ICMP and everything else. Linux net/netfilter/nf_conntrack_proto_{udp,icmp,icmpv6,generic}.c. */
import { type Nanos, SEC, type Simulator } from '@labwire/core/sim';
import { IPPROTO_ICMP } from '@labwire/core/wire';
import type { ConntrackConf } from './conf.ts';
import { IPS_ASSURED, IPS_CONFIRMED, IPS_SEEN_REPLY, type NfConn } from './nf-conn.ts';

/** How long after its first packet a connection of datagrams must still be in use to count as a stream. */
const STREAM_AFTER: Nanos = 2 * SEC;
/** ICMP queries that begin a connection: echo, timestamp, information, address mask. */
const ICMP_QUERIES: readonly number[] = [8, 13, 15, 17];
/** The same of ICMPv6: echo and node information. */
const ICMPV6_QUERIES: readonly number[] = [128, 139];

/**
 * `nf_conntrack_udp_packet()`. The simulator is handed over in place of its time: a double as an argument is an object on the heap.
 * @returns the seconds that the connection now has
 */
export function udpPacket(ct: NfConn, sim: Simulator, conf: ConntrackConf): number {
  if ((ct.status & IPS_CONFIRMED) === 0) ct.proto = sim.now + STREAM_AFTER;
  if ((ct.status & IPS_SEEN_REPLY) === 0) return conf.udp_timeout;
  if (sim.now <= (ct.proto as Nanos)) return conf.udp_timeout;
  ct.status |= IPS_ASSURED;
  return conf.udp_timeout_stream;
}

/** `gre_packet()` @returns the seconds that the connection now has */
export function grePacket(ct: NfConn, conf: ConntrackConf): number {
  if ((ct.status & IPS_SEEN_REPLY) === 0) return conf.gre_timeout;
  ct.status |= IPS_ASSURED;
  return conf.gre_timeout_stream;
}

/** `icmp_packet()`, `nf_conntrack_icmpv6_packet()` @returns undefined for what cannot begin a connection */
export function icmpPacket(ct: NfConn, conf: ConntrackConf): number | undefined {
  const isV4 = ct.orig.proto === IPPROTO_ICMP;
  const queries = isV4 ? ICMP_QUERIES : ICMPV6_QUERIES;
  if ((ct.status & IPS_CONFIRMED) === 0 && !queries.includes(ct.orig.dport >>> 8)) return undefined;
  return isV4 ? conf.icmp_timeout : conf.icmpv6_timeout;
}
