import { ntpPrint, syslogPrint, textProtocol, tftpPrint } from '../application/index.ts';
import { type Dissector, hexNumber, type IpContext, internetSum, shouldBe } from '../base/index.ts';
import { dhcp6Print, dhcpPrint } from '../dhcp/index.ts';
import { dnsPrint } from '../dns/index.ts';
import { endpoints, ipAddresses, pseudoSum } from '../ip/index.ts';
import { mplsPrint } from '../link/index.ts';
import { hsrpPrint, ripPrint } from '../routing/index.ts';
import { genevePrint, vxlanPrint } from '../tunnel/index.ts';

const HEADER = 8;

type Printer = (d: Dissector, at: number, length: number) => void;
const dns: Printer = (d, at, length) => dnsPrint(d, at, length, 'udp');
const mdns: Printer = (d, at, length) => dnsPrint(d, at, length, 'mdns');
const sip: Printer = (d, at, length) => textProtocol(d, 'sip', at, length);

/** What is spoken at a port, in the order in which tcpdump looks for it; the last only as a destination. */
const PORTS: readonly (readonly [ports: readonly number[], print: Printer, to?: 'dst'])[] = [
  [[53], dns],
  [[5353], mdns],
  [[69], tftpPrint],
  [[67, 68], dhcpPrint],
  [[520], ripPrint],
  [[123], ntpPrint],
  [[546, 547], dhcp6Print],
  [[1985], hsrpPrint, 'dst'],
  [[5060], sip],
  [[514], syslogPrint],
  [[4789], vxlanPrint],
  [[6081], genevePrint],
  [[6635], mplsPrint],
];
/** What -T can make of datagrams. */
const TYPES: Readonly<Record<string, Printer>> = {
  domain: dns,
  tftp: tftpPrint,
  vxlan: vxlanPrint,
};

/** Prints a UDP datagram. print-udp.c */
export function udpPrint(d: Dissector, off: number, whole: number, ip: IpContext): void {
  d.protocol = 'udp';
  if (!d.has(off + 2, 2)) {
    const [src, dst] = ipAddresses(d, ip);
    if (d.u8(ip.off + (ip.version === 4 ? 9 : 6)) === 17) d.print(`${src} > ${dst}: `);
    d.trunc();
    return;
  }
  const [sport, dport] = [d.u16(off), d.u16(off + 2)];
  endpoints(d, ip, 'udp', sport, dport);
  if (whole < HEADER) {
    d.print(`truncated-udp ${whole}`);
    return;
  }
  if (!d.has(off + 4, 2)) {
    d.trunc();
    return;
  }
  const field = d.u16(off + 4);
  const said = field === 0 && whole > 65_535 ? whole : field;
  if (said < HEADER) {
    d.print(`truncated-udplength ${said}`);
    return;
  }
  const ulen = said - HEADER;
  const length = Math.min(whole - HEADER, ulen);
  if (off + HEADER > d.end) {
    d.trunc();
    return;
  }
  if (d.o.packetType !== undefined) {
    TYPES[d.o.packetType]?.(d, off + HEADER, length);
    return;
  }
  if (d.o.verbose > 0 && !d.o.noChecksums && !ip.fragmented) checksumText(d, off, length, ip);
  const known = d.o.quiet
    ? undefined
    : PORTS.find(
        ([ports, , to]) => ports.includes(dport) || (to === undefined && ports.includes(sport)),
      );
  if (known !== undefined) known[1](d, off + HEADER, length);
  else if (ulen > length && !ip.fragmented) d.print(`UDP, bad length ${ulen} > ${length}`);
  else d.print(`UDP, length ${ulen}`);
}

function checksumText(d: Dissector, off: number, length: number, ip: IpContext): void {
  if (ip.version === 4 && d.o.verbose < 2) return;
  const whole = length + HEADER;
  const field = () => d.u16(off + 6);
  if (ip.version === 4 && field() === 0) {
    d.print('[no cksum] ');
    return;
  }
  if (!d.has(off, whole)) return;
  const sum = internetSum(d.buf, off, whole, pseudoSum(d, ip, 17, whole));
  d.print(
    sum === 0
      ? '[udp sum ok] '
      : `[bad udp cksum 0x${hexNumber(field(), 4)} -> 0x${hexNumber(shouldBe(field(), sum), 4)}!] `,
  );
}
