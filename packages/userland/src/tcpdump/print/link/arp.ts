import { type Dissector, ETHERTYPES, hexNumber, type Names } from '../base/index.ts';

const OPERATIONS: Names = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'NACK Reply',
};
const HARDWARE: Names = {
  1: 'Ethernet',
  6: 'TokenRing',
  7: 'ArcNet',
  15: 'FrameRelay',
  23: 'Strip',
  24: 'IEEE 1394',
  19: 'ATM',
  32: 'InfiniBand',
};
const FIXED = 8;
const ETH_P_IP = 0x0800;
const ETH_P_TRAIL = 0x1000;

/** The fields of a packet, and where its addresses are. */
interface Arp {
  readonly proto: number;
  readonly hlen: number;
  readonly plen: number;
  readonly op: number;
  readonly sha: number;
  readonly spa: number;
  readonly tha: number;
  readonly tpa: number;
}

function readArp(d: Dissector, off: number): Arp {
  const [hlen, plen] = [d.u8(off + 4), d.u8(off + 5)];
  const sha = off + FIXED;
  const spa = sha + hlen;
  const tha = spa + plen;
  return {
    proto: d.u16(off + 2),
    hlen,
    plen,
    op: d.u16(off + 6),
    sha,
    spa,
    tha,
    tpa: tha + hlen,
  };
}

/** Prints an ARP packet. print-arp.c */
export function arpPrint(d: Dissector, off: number, length: number): void {
  d.protocol = 'arp';
  d.need(off, FIXED);
  const arp = readArp(d, off);
  d.need(arp.tpa, arp.plen);
  if (!d.o.ether) d.print('ARP, ');
  const isIp = arp.proto === ETH_P_IP || arp.proto === ETH_P_TRAIL;
  if (!isIp || arp.plen !== 4 || arp.hlen === 0 || d.o.verbose > 0) {
    const hardware = d.u16(off);
    const kind = HARDWARE[hardware] ?? `Unknown Hardware (${hardware})`;
    const name = ETHERTYPES[arp.proto] ?? `Unknown Protocol (0x${hexNumber(arp.proto, 4)})`;
    d.print(`${kind} (len ${arp.hlen}), ${name} (len ${arp.plen})`);
    if (d.o.verbose === 0) {
      d.print(`, length ${length}`);
      return;
    }
  }
  d.print(`${d.o.verbose > 0 ? ', ' : ''}${OPERATIONS[arp.op] ?? `Unknown (${arp.op})`} `);
  if (operation(d, arp, isIp)) d.print(`, length ${length}`);
  else d.rest(off, d.left(off));
}

/** @returns whether the operation is known */
function operation(d: Dissector, arp: Arp, isIp: boolean): boolean {
  const ip = (at: number) =>
    !isIp ? '<wrong proto type>' : arp.plen !== 4 ? '<wrong len>' : d.ip4(at);
  const hw = (at: number) => hardwareAddress(d, at, arp.hlen);
  switch (arp.op) {
    case 1: {
      d.need(arp.tha, arp.hlen);
      const known = d.buf.subarray(arp.tha, arp.tha + arp.hlen).some((b) => b !== 0);
      d.print(`who-has ${ip(arp.tpa)}${known ? ` (${hw(arp.tha)})` : ''} tell ${ip(arp.spa)}`);
      return true;
    }
    case 2:
      d.print(`${ip(arp.spa)} is-at ${hw(arp.sha)}`);
      return true;
    case 3:
    case 8:
      d.print(`who-is ${hw(arp.tha)} tell ${hw(arp.sha)}`);
      return true;
    case 4:
      d.print(`${hw(arp.tha)} at ${ip(arp.tpa)}`);
      return true;
    case 9:
      d.print(`${hw(arp.sha)} at ${ip(arp.spa)}`);
      return true;
    default:
      return false;
  }
}

function hardwareAddress(d: Dissector, at: number, length: number): string {
  if (length === 0) return '<empty>';
  return length === 6 ? d.mac(at) : d.lladdr(at, length);
}
