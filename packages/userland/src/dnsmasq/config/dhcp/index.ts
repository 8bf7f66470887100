/** What the options for DHCP, router advertisements and TFTP say. */
export class DhcpConfig {
  /** --enable-tftp: where the DNS listens, port 69 is opened too. */
  tftp = false;
  /** Seconds that the name of a lease may be kept: --dhcp-ttl; undefined: as --local-ttl says. */
  ttl: number | undefined;
}
