/** Types of options, as RFC 791 section 3.1 and RFC 2113 number them with their copy bits. Linux include/uapi/linux/ip.h, IPOPT_*. */
export const IPOPT_END = 0;
export const IPOPT_NOOP = 1;
export const IPOPT_RR = 7;
export const IPOPT_TIMESTAMP = 68;
export const IPOPT_LSRR = 131;
export const IPOPT_SSRR = 137;
export const IPOPT_RA = 148;

/** What a timestamp option asks for: times, addresses too, or times at given addresses. IPOPT_TS_* */
export const IPOPT_TS_TSONLY = 0;
export const IPOPT_TS_TSANDADDR = 1;
export const IPOPT_TS_PRESPEC = 3;

/**
 * The options of one header: where they are, as offsets from its start with 0 for none, and what is still to be done.
 * Linux `struct ip_options`.
 */
export class IpOptions {
  /** The options to send, padded to words; empty for those of a received packet. */
  data: Uint8Array;
  /** Where a source route goes first; of what is to be sent. */
  faddr = 0;
  /** Where it goes next; of a packet that is forwarded. */
  nexthop = 0;
  srr = 0;
  rr = 0;
  ts = 0;
  routerAlert = 0;
  isStrict = false;
  /** The packet has reached a stop of its route, and goes on. */
  srrIsHit = false;
  /** The header's checksum does not hold any more. */
  isChanged = false;
  rrNeedAddr = false;
  tsNeedTime = false;
  tsNeedAddr = false;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  /** The same options as other bytes. */
  withData(data: Uint8Array): IpOptions {
    return Object.assign(new IpOptions(data), this, { data });
  }
}
