import { type Dissector, type IpContext, internetSum, shouldBe } from './dissector.ts';

/** The words around the destination of an unreachable, by code. */
const UNREACH: Readonly<Record<number, readonly [before: string, after: string]>> = {
  0: ['net ', ' unreachable'],
  1: ['host ', ' unreachable'],
  5: ['', ' unreachable - source route failed'],
  6: ['net ', ' unreachable - unknown'],
  7: ['host ', ' unreachable - unknown'],
  8: ['', ' unreachable - source host isolated'],
  9: ['net ', ' unreachable - admin prohibited'],
  10: ['host ', ' unreachable - admin prohibited'],
  11: ['net ', ' unreachable - tos prohibited'],
  12: ['host ', ' unreachable - tos prohibited'],
  13: ['host ', ' unreachable - admin prohibited filter'],
  14: ['host ', ' unreachable - host precedence violation'],
  15: ['host ', ' unreachable - precedence cutoff'],
};
const ERRORS: readonly number[] = [3, 4, 5, 11, 12];

function unreachable(d: Dissector, off: number, code: number): string {
  const inner = off + 8;
  const dst = d.ip4(inner + 16);
  const proto = d.u8(inner + 9);
  if (code === 2) return `${dst} protocol ${proto} unreachable`;
  if (code === 3) {
    const port = d.u16(inner + (d.u8(inner) & 15) * 4 + 2);
    if (proto === 6) return `${dst} tcp port ${d.port(port, 'tcp')} unreachable`;
    if (proto === 17) return `${dst} udp port ${d.port(port, 'udp')} unreachable`;
    return `${dst} protocol ${proto} port ${port} unreachable`;
  }
  if (code === 4) {
    const mtu = d.u16(off + 6);
    return `${dst} unreachable - need to frag${mtu === 0 ? '' : ` (mtu ${mtu})`}`;
  }
  const [before, after] = UNREACH[code] ?? ['', ` unreachable - #${code}`];
  return `${before}${dst}${after}`;
}

function redirect(d: Dissector, off: number, code: number): string {
  const [dst, gateway] = [d.ip4(off + 24), d.ip4(off + 4)];
  const words = [
    'redirect % to net',
    'redirect % to host',
    'redirect-tos % to net',
    'redirect-tos % to host',
  ];
  return `${(words[code] ?? `redirect-#${code} % to`).replace('%', dst)} ${gateway}`;
}

function describe(d: Dissector, off: number, type: number, code: number): string {
  const idSeq = () => `id ${d.u16(off + 4)}, seq ${d.u16(off + 6)}`;
  switch (type) {
    case 0:
      return `echo reply, ${idSeq()}`;
    case 8:
      return `echo request, ${idSeq()}`;
    case 3:
      return unreachable(d, off, code);
    case 4:
      return 'source quench';
    case 5:
      return redirect(d, off, code);
    case 9:
      return 'router advertisement';
    case 10:
      return 'router solicitation';
    case 11:
      d.need(off + 24, 4);
      if (code > 1) return `time exceeded-#${code}`;
      return code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded';
    case 12:
      return code === 0
        ? `parameter problem - octet ${d.u8(off + 4)}`
        : `parameter problem - code ${code}`;
    case 13:
      return `time stamp query id ${d.u16(off + 4)} seq ${d.u16(off + 6)}`;
    case 17:
      return 'address mask request';
    case 18:
      return `address mask is 0x${d
        .u32(off + 8)
        .toString(16)
        .padStart(8, '0')}`;
    default:
      return `type-#${type}`;
  }
}

/** Prints an ICMP message. print-icmp.c */
export function icmp4Print(d: Dissector, off: number, length: number, ip: IpContext): void {
  d.protocol = 'icmp';
  const type = d.u8(off);
  const code = d.u8(off + 1);
  d.print(`ICMP ${describe(d, off, type, code)}, length ${length}`);
  if (d.o.verbose === 0) return;
  if (!ip.fragmented && d.has(off, length)) {
    const sum = internetSum(d.buf, off, length);
    const field = d.u16(off + 2);
    if (sum !== 0)
      d.print(
        ` (wrong icmp cksum ${field.toString(16)} (->${shouldBe(field, sum).toString(16)})!)`,
      );
  }
  if (!ERRORS.includes(type)) return;
  d.print('\n\t');
  const inner = d.u16(off + 10);
  const was = d.limit(off + 8 + inner);
  d.layers.ip4(d, off + 8, inner);
  d.end = was;
}
