/** What dnsmasq has counted since its start. */
export interface Metrics {
  /** Questions that went on, and those that were answered here. */
  forwarded: number;
  answered: number;
  staleAnswered: number;
  /** TCP connections that are served, and the most at once since they were last told. */
  tcpNow: number;
  tcpMost: number;
}
