import type { IpOptions } from './options/index.ts';

/** The fields of an IPv4 header that the sender of a packet decides; kept by the socket and used again. */
export class Ipv4TxHeader {
  saddr = 0;
  daddr = 0;
  protocol = 0;
  tos = 0;
  ttl = 64;
  /** IP_DF or 0. */
  fragOff = 0;
  /** Identification. */
  id = 0;
  /** null for none. */
  options: IpOptions | null = null;
}
