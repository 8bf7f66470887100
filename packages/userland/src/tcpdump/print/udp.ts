import { dhcpPrint } from './dhcp.ts';
import { type Dissector, type IpContext, internetSum, shouldBe } from './dissector.ts';
import { dnsPrint } from './dns.ts';
import { endpoints, pseudoSum } from './ip-header.ts';

const HEADER = 8;

/** Prints a UDP datagram. print-udp.c */
export function udpPrint(d: Dissector, off: number, whole: number, ip: IpContext): void {
  d.protocol = 'udp';
  const [sport, dport] = [d.u16(off), d.u16(off + 2)];
  endpoints(d, ip, 'udp', sport, dport);
  if (whole < HEADER) {
    d.print(`truncated-udp ${whole}`);
    return;
  }
  const ulen = d.u16(off + 4);
  if (ulen < HEADER) {
    d.print(`truncated-udplength ${ulen}`);
    return;
  }
  const length = Math.min(whole, ulen) - HEADER;
  d.need(off, HEADER);
  if (d.o.quiet) {
    d.print(`UDP, length ${ulen - HEADER}`);
    return;
  }
  if (d.o.verbose > 0 && !d.o.noChecksums && !ip.fragmented) checksumText(d, off, length, ip);
  const at = off + HEADER;
  const isPort = (port: number) => sport === port || dport === port;
  if (isPort(53)) dnsPrint(d, at, length, false);
  else if (isPort(5353)) dnsPrint(d, at, length, false, true);
  else if (isPort(67) || isPort(68)) dhcpPrint(d, at, length);
  else if (isPort(4789)) vxlanPrint(d, at, length);
  else if (ulen - HEADER > length && !ip.fragmented)
    d.print(`UDP, bad length ${ulen - HEADER} > ${length}`);
  else d.print(`UDP, length ${ulen - HEADER}`);
}

function checksumText(d: Dissector, off: number, length: number, ip: IpContext): void {
  const field = d.u16(off + 6);
  if (ip.version === 4 && d.o.verbose < 2) return;
  if (ip.version === 4 && field === 0) {
    d.print('[no cksum] ');
    return;
  }
  const whole = length + HEADER;
  if (!d.has(off, whole)) return;
  const sum = internetSum(d.buf, off, whole, pseudoSum(d, ip, 17, whole));
  const hex = (v: number) => `0x${v.toString(16).padStart(4, '0')}`;
  d.print(
    sum === 0 ? '[udp sum ok] ' : `[bad udp cksum ${hex(field)} -> ${hex(shouldBe(field, sum))}!] `,
  );
}

/** A frame within a datagram. print-vxlan.c */
function vxlanPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'vxlan';
  if (length < 8) {
    d.print('VXLAN [|vxlan]');
    return;
  }
  const flags = d.u8(off);
  const names = (flags & 0x08) !== 0 ? 'I' : '.';
  d.print(
    `VXLAN, flags [${names}] (0x${flags.toString(16).padStart(2, '0')}), vni ${d.u32(off + 4) >>> 8}\n`,
  );
  d.layers.ether(d, off + 8, length - 8);
}
