/** What the options for DHCP, router advertisements and TFTP say. */
export class DhcpConfig {
  /** --enable-tftp: where the DNS listens, port 69 is opened too. */
  tftp = false;
}
