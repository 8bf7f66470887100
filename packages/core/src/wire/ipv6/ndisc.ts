import { getIpv6, type Ipv6Addr, putIpv6 } from '../../addr/index.ts';
import { get8, get16, getU32, put8, put16, put32 } from '../../bytes/index.ts';
import { ICMPV6_HLEN, writeIcmpv6 } from './icmpv6.ts';
import { type NdOptions, ndOptionsLength, readNdOptions, writeNdOptions } from './nd-options.ts';

/*
 * RFC 4861 section 4: ICMPv6 with a fixed part of 8 (RS), 16 (RA) or 24 bytes (NS, NA), then options.
 *
 *   RA  | type code check | hop limit | M O … | router lifetime | reachable time | retrans timer |
 *   NS  | type code check | reserved                 | target (16) |
 *   NA  | type code check | R S O | reserved         | target (16) |
 */

/** Message types. Linux include/net/ndisc.h. */
export const NDISC_ROUTER_SOLICITATION = 133;
export const NDISC_ROUTER_ADVERTISEMENT = 134;
export const NDISC_NEIGHBOUR_SOLICITATION = 135;
export const NDISC_NEIGHBOUR_ADVERTISEMENT = 136;
export const NDISC_REDIRECT = 137;

const RA_LEN = 16;
const NEIGH_LEN = 24;
const FLAG_ROUTER = 0x8000_0000;
const FLAG_SOLICITED = 0x4000_0000;
const FLAG_OVERRIDE = 0x2000_0000;

/** A router solicitation as a record. */
export interface RouterSolicitation {
  readonly type: typeof NDISC_ROUTER_SOLICITATION;
  readonly options: NdOptions;
}

/** A router advertisement as a record. */
export interface RouterAdvertisement {
  readonly type: typeof NDISC_ROUTER_ADVERTISEMENT;
  /** 0 if the router does not say. */
  readonly curHopLimit: number;
  /** Addresses come by DHCPv6. */
  readonly managed: boolean;
  /** Other configuration comes by DHCPv6. */
  readonly other: boolean;
  /** Seconds; 0 if it is no default router. */
  readonly routerLifetime: number;
  /** Milliseconds; 0 if the router does not say. */
  readonly reachableTime: number;
  /** Milliseconds; 0 if the router does not say. */
  readonly retransTimer: number;
  readonly options: NdOptions;
}

/** A neighbour solicitation as a record. */
export interface NeighSolicitation {
  readonly type: typeof NDISC_NEIGHBOUR_SOLICITATION;
  readonly target: Ipv6Addr;
  readonly options: NdOptions;
}

/** A neighbour advertisement as a record. */
export interface NeighAdvertisement {
  readonly type: typeof NDISC_NEIGHBOUR_ADVERTISEMENT;
  readonly target: Ipv6Addr;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly options: NdOptions;
}

/** Any neighbour discovery message but a redirect. */
export type NdMessage =
  | RouterSolicitation
  | RouterAdvertisement
  | NeighSolicitation
  | NeighAdvertisement;

function fixedLength(type: number): number {
  switch (type) {
    case NDISC_ROUTER_SOLICITATION:
      return ICMPV6_HLEN;
    case NDISC_ROUTER_ADVERTISEMENT:
      return RA_LEN;
    default:
      return NEIGH_LEN;
  }
}

function readAdvertisement(buf: Uint8Array, off: number, options: NdOptions): RouterAdvertisement {
  const flags = get8(buf, off + 5);
  return {
    type: NDISC_ROUTER_ADVERTISEMENT,
    curHopLimit: get8(buf, off + 4),
    managed: (flags & 0x80) !== 0,
    other: (flags & 0x40) !== 0,
    routerLifetime: get16(buf, off + 6),
    reachableTime: getU32(buf, off + 8),
    retransTimer: getU32(buf, off + 12),
    options,
  };
}

function readNeighAdvertisement(
  buf: Uint8Array,
  off: number,
  options: NdOptions,
): NeighAdvertisement {
  const flags = get8(buf, off + 4);
  return {
    type: NDISC_NEIGHBOUR_ADVERTISEMENT,
    target: getIpv6(buf, off + 8),
    router: (flags & 0x80) !== 0,
    solicited: (flags & 0x40) !== 0,
    override: (flags & 0x20) !== 0,
    options,
  };
}

/**
 * Reads a message in `[off, end)`.
 * @returns undefined if it is none of {@link NdMessage}, truncated, or has bad options
 */
export function readNdMessage(buf: Uint8Array, off: number, end: number): NdMessage | undefined {
  if (end - off < ICMPV6_HLEN) return undefined;
  const type = get8(buf, off);
  const fixed = fixedLength(type);
  if (end - off < fixed) return undefined;
  const options = readNdOptions(buf, off + fixed, end);
  if (options === undefined) return undefined;
  switch (type) {
    case NDISC_ROUTER_SOLICITATION:
      return { type, options };
    case NDISC_ROUTER_ADVERTISEMENT:
      return readAdvertisement(buf, off, options);
    case NDISC_NEIGHBOUR_SOLICITATION:
      return { type, target: getIpv6(buf, off + 8), options };
    case NDISC_NEIGHBOUR_ADVERTISEMENT:
      return readNeighAdvertisement(buf, off, options);
    default:
      return undefined;
  }
}

/** Bytes that {@link writeNdMessage} writes. */
export function ndMessageLength(m: NdMessage): number {
  return fixedLength(m.type) + ndOptionsLength(m.options);
}

function restOf(m: NdMessage): number {
  if (m.type !== NDISC_NEIGHBOUR_ADVERTISEMENT) return 0;
  return (
    (m.router ? FLAG_ROUTER : 0) +
    (m.solicited ? FLAG_SOLICITED : 0) +
    (m.override ? FLAG_OVERRIDE : 0)
  );
}

/** Writes a message; `fillIcmpv6Checksum` comes last. @returns the bytes written */
export function writeNdMessage(buf: Uint8Array, off: number, m: NdMessage): number {
  writeIcmpv6(buf, off, { type: m.type, code: 0, rest: restOf(m) });
  if (m.type === NDISC_ROUTER_ADVERTISEMENT) {
    put8(buf, off + 4, m.curHopLimit);
    put8(buf, off + 5, (m.managed ? 0x80 : 0) | (m.other ? 0x40 : 0));
    put16(buf, off + 6, m.routerLifetime);
    put32(buf, off + 8, m.reachableTime);
    put32(buf, off + 12, m.retransTimer);
  } else if (m.type !== NDISC_ROUTER_SOLICITATION) putIpv6(buf, off + 8, m.target);
  const fixed = fixedLength(m.type);
  return fixed + writeNdOptions(buf, off + fixed, m.options);
}
