/** What /proc/net/snmp counts of ICMP, by its names there. Linux net/ipv4/proc.c, icmp_put(). */
export class IcmpMib {
  InMsgs = 0;
  InErrors = 0;
  InCsumErrors = 0;
  OutMsgs = 0;
  OutErrors = 0;
  OutRateLimitGlobal = 0;
  OutRateLimitHost = 0;
  /** Messages received and sent, by type; null while there were none. */
  in: Float64Array | null = null;
  out: Float64Array | null = null;

  /** Counts a received message. */
  countIn(type: number): void {
    this.in ??= new Float64Array(256);
    this.in[type] = (this.in[type] as number) + 1;
  }

  /** Counts a sent message. */
  countOut(type: number): void {
    this.OutMsgs++;
    this.out ??= new Float64Array(256);
    this.out[type] = (this.out[type] as number) + 1;
  }
}
