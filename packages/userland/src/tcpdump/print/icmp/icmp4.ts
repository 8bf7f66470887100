import {
  type Dissector,
  hexNumber,
  type IpContext,
  internetSum,
  type Names,
  shouldBe,
} from '../base/index.ts';
import { icmpExtensions } from './extensions.ts';

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
const TYPES: Names = {
  4: 'source quench',
  10: 'router solicitation',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
};
const ERRORS: readonly number[] = [3, 4, 5, 11, 12];
/** Types whose packet may have more behind it. RFC 4884 */
const EXTENDED: readonly number[] = [3, 11, 12];
/** Bytes of a message from which on there may be extensions. */
const EXTENDED_LENGTH = 136;

/** Why a message cannot be described: what it tells of was not captured, which ends the packet's text. */
const CUT = undefined;

function unreachable(d: Dissector, off: number, code: number): string | undefined {
  const inner = off + 8;
  if (code === 3) {
    if (!d.has(inner + 9, 1)) return CUT;
    const port = d.u16(inner + (d.u8(inner) & 15) * 4 + 2);
    const [proto, dst] = [d.u8(inner + 9), d.ip4(inner + 16)];
    if (proto === 6) return `${dst} tcp port ${d.port(port, 'tcp')} unreachable`;
    if (proto === 17) return `${dst} udp port ${d.port(port, 'udp')} unreachable`;
    return `${dst} protocol ${proto} port ${port} unreachable`;
  }
  const dst = d.ip4(inner + 16);
  if (code === 2) return `${dst} protocol ${d.u8(inner + 9)} unreachable`;
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

/** RFC 1256 */
function routerAdvertisement(d: Dissector, off: number): string | undefined {
  if (!d.has(off + 4, 4)) return CUT;
  const life = d.u16(off + 6);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(life / 60);
  const lifetime =
    life < 60
      ? `${life}`
      : life < 3600
        ? `${minutes}:${two(life % 60)}`
        : `${Math.floor(life / 3600)}:${two(minutes % 60)}:${two(life % 60)}`;
  const [count, size] = [d.u8(off + 4), d.u8(off + 5)];
  let text = `router advertisement lifetime ${lifetime} ${count}:`;
  if (size !== 2) return `${text} [size ${size}]`;
  for (let i = 0, at = off + 8; i < count; i++, at += 8) {
    if (!d.has(at, 8)) return CUT;
    text += ` {${d.ip4(at)} ${d.u32(at + 4)}}`;
  }
  // the text is put together in a buffer of this size: MAXHOSTNAMELEN + 100
  return text.slice(0, 163);
}

/** Milliseconds since midnight. */
function clock(ms: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const s = Math.floor(ms / 1000);
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

function timestampReply(d: Dissector, off: number): string | undefined {
  if (!d.has(off + 16, 4)) return CUT;
  const [org, recv, xmit] = [8, 12, 16].map((i) => clock(d.u32(off + i)));
  return `time stamp reply id ${d.u16(off + 4)} seq ${d.u16(off + 6)}: org ${org}, recv ${recv}, xmit ${xmit}`;
}

function describe(d: Dissector, off: number, type: number, code: number): string | undefined {
  switch (type) {
    case 0:
    case 8:
      return `echo ${type === 8 ? 'request' : 'reply'}, id ${d.u16(off + 4)}, seq ${d.u16(off + 6)}`;
    case 3:
      return unreachable(d, off, code);
    case 5:
      return redirect(d, off, code);
    case 9:
      return routerAdvertisement(d, off);
    case 11:
      if (!d.has(off + 24, 4)) return CUT;
      if (code > 1) return `time exceeded-#${code}`;
      return code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded';
    case 12:
      return code === 0
        ? `parameter problem - octet ${d.u8(off + 4)}`
        : `parameter problem - code ${code}`;
    case 13:
      return `time stamp query id ${d.u16(off + 4)} seq ${d.u16(off + 6)}`;
    case 14:
      return timestampReply(d, off);
    case 18:
      return `address mask is 0x${d.hex(off + 8, 4)}`;
    default:
      return TYPES[type] ?? `type-#${type}`;
  }
}

/** Prints an ICMP message. print-icmp.c */
export function icmp4Print(d: Dissector, off: number, length: number, ip: IpContext): void {
  d.protocol = 'icmp';
  const type = d.u8(off);
  const text = describe(d, off, type, d.u8(off + 1));
  if (text === CUT) {
    d.trunc();
    return;
  }
  d.print(`ICMP ${text}, length ${length}`);
  if (d.o.verbose === 0) return;
  if (!ip.fragmented && d.has(off, length)) {
    const sum = internetSum(d.buf, off, length);
    const field = d.u16(off + 2);
    if (sum !== 0)
      d.print(` (wrong icmp cksum ${hexNumber(field)} (->${hexNumber(shouldBe(field, sum))})!)`);
  }
  if (ERRORS.includes(type)) {
    d.print('\n\t');
    const inner = d.u16(off + 10);
    const was = d.end;
    d.end = Math.min(off + 8 + inner, was);
    d.layers.ip4(d, off + 8, inner);
    d.end = was;
  }
  d.protocol = 'icmp';
  if (length > EXTENDED_LENGTH && EXTENDED.includes(type)) icmpExtensions(d, off, length);
}
