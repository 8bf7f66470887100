import { type Dissector, IP_PROTOCOLS, type IpContext } from './base/index.ts';
import { icmp4Print, icmp6Print, igmpPrint } from './icmp/index.ts';
import { ip4Print, ip6Print } from './ip/index.ts';
import { arpPrint, mplsPrint, pppoePrint, pppPrint } from './link/index.ts';
import { vrrpPrint } from './routing/index.ts';
import { tcpPrint, udpPrint } from './transport/index.ts';
import { ahPrint, espPrint, grePrint, ipcompPrint } from './tunnel/index.ts';

/** Prints a packet by its EtherType. print-ether.c, ethertype_print() @returns whether there is a printer for it */
export function etherTypePrint(d: Dissector, type: number, off: number, length: number): boolean {
  switch (type) {
    case 0x0800:
      ip4Print(d, off, length);
      return true;
    case 0x86dd:
      ip6Print(d, off, length);
      return true;
    case 0x0806:
    case 0x8035:
      arpPrint(d, off, length);
      return true;
    case 0x8847:
    case 0x8848:
      mplsPrint(d, off, length);
      return true;
    case 0x8863:
    case 0x8864:
      pppoePrint(d, off, length);
      return true;
    case 0x880b:
      pppPrint(d, off, length);
      return true;
    default:
      return false;
  }
}

/** Prints what an IP packet carries. print-ip-demux.c */
export function transportPrint(
  d: Dissector,
  first: number,
  start: number,
  whole: number,
  ip: IpContext,
): void {
  let [proto, off, length] = [first, start, whole];
  while (proto === 51) {
    if (!d.has(off, 1)) {
      d.protocol = 'ah';
      d.trunc();
      return;
    }
    proto = d.u8(off);
    const size = ahPrint(d, off);
    off += size;
    length -= size;
  }
  const only = ONLY_IN[proto];
  if (only !== undefined && only !== ip.version) {
    d.print(`[${IP_PROTOCOLS[proto] ?? 'unknown'} requires IPv${only}]`);
    d.invalid();
    return;
  }
  const print = PROTOCOLS[proto];
  if (print !== undefined) print(d, off, length, ip);
  else {
    const name = d.o.numeric ? undefined : d.o.protocolName(proto);
    d.print(` ${name ?? `ip-proto-${proto}`} ${length}`);
  }
}

/** Protocols that are carried by one version of IP alone. */
const ONLY_IN: Readonly<Record<number, 4 | 6>> = { 1: 4, 2: 4, 58: 6, 143: 6 };

/** Printers by protocol number. */
const PROTOCOLS: Readonly<
  Record<number, (d: Dissector, off: number, length: number, ip: IpContext) => void>
> = {
  1: icmp4Print,
  2: igmpPrint,
  4: ip4Print,
  6: tcpPrint,
  17: udpPrint,
  41: ip6Print,
  47: grePrint,
  50: espPrint,
  58: icmp6Print,
  59: (d) => d.print('no next header'),
  77: (d, _off, length) => d.print(` nd ${length}`),
  108: ipcompPrint,
  112: vrrpPrint,
  143: (d, off, length) => void d.layers.ether(d, off, length),
};
