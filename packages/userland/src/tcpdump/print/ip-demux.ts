import type { Dissector, IpContext } from './dissector.ts';
import { icmp4Print } from './icmp4.ts';
import { icmp6Print } from './icmp6.ts';
import { igmpPrint } from './igmp.ts';
import { IP_PROTOCOLS } from './protocols.ts';
import { tcpPrint } from './tcp.ts';
import { udpPrint } from './udp.ts';

/** Prints what an IP packet carries. print-ip-demux.c */
export function transportPrint(
  d: Dissector,
  proto: number,
  off: number,
  length: number,
  ip: IpContext,
): void {
  switch (proto) {
    case 1:
      if (ip.version === 4) icmp4Print(d, off, length, ip);
      else d.print('[ICMP requires IPv4] (invalid)');
      return;
    case 2:
      igmpPrint(d, off, length);
      return;
    case 4:
      d.layers.ip4(d, off, length);
      return;
    case 6:
      tcpPrint(d, off, length, ip);
      return;
    case 17:
      udpPrint(d, off, length, ip);
      return;
    case 41:
      d.layers.ip6(d, off, length);
      return;
    case 58:
      if (ip.version === 6) icmp6Print(d, off, length, ip);
      else d.print('[ICMPv6 requires IPv6] (invalid)');
      return;
    case 59:
      d.print('no next header');
      return;
    default: {
      const name = d.o.numeric ? undefined : IP_PROTOCOLS[proto]?.toLowerCase();
      d.print(`${name === undefined ? `ip-proto-${proto}` : ` ${name}`} ${length}`);
    }
  }
}
