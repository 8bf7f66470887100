import type { Dissector } from '../base/index.ts';
import type { Outcome } from './outcome.ts';

const CODES: readonly string[] = [
  'unreachable route',
  ' unreachable prohibited',
  'beyond scope',
  'unreachable address',
  'unreachable port',
];
const EXTENSIONS: readonly number[] = [0, 43, 60];
const FRAGMENT = 44;
const AH = 51;
const TCP = 6;
const UDP = 17;

/** What could not be reached, and why. print-icmp6.c */
export function unreachablePrint(d: Dissector, off: number, length: number, code: number): Outcome {
  d.print(`, ${CODES[code] ?? `unknown unreach code (${code})`}`);
  const inner = off + 8;
  const dst = () => d.ip6(inner + 24);
  switch (code) {
    case 0:
    case 1:
    case 3:
      d.print(` ${dst()}`);
      return 'whole';
    case 2:
      d.print(` ${dst()}, source address ${d.ip6(inner + 8)}`);
      return 'whole';
    case 4: {
      const upper = upperLayer(d, inner);
      if (upper === undefined) return 'cut';
      const name = upper.proto === TCP ? 'tcp' : 'udp';
      d.print(`, ${dst()} ${name} port ${d.port(d.u16(upper.at + 2), name)}`);
      return 'whole';
    }
    default:
      if (d.o.verbose > 1) return 'whole';
      d.unknown(off, '\n\t', length);
      return 'done';
  }
}

/** Where the TCP or UDP header of a packet is. get_upperlayer() */
function upperLayer(
  d: Dissector,
  off: number,
): { readonly proto: number; readonly at: number } | undefined {
  if (!d.has(off + 6, 1)) return undefined;
  let proto = d.u8(off + 6);
  let at = off;
  let size = 40;
  while (at < d.end) {
    at += size;
    if (proto === UDP || proto === TCP) return d.has(at + 2, 2) ? { proto, at } : undefined;
    if (!d.has(at, proto === FRAGMENT ? 4 : 2)) return undefined;
    if (EXTENSIONS.includes(proto)) size = (d.u8(at + 1) + 1) * 8;
    else if (proto === AH) size = (d.u8(at + 1) + 2) * 4;
    else if (proto === FRAGMENT && (d.u16(at + 2) & 0xfff8) === 0) size = 8;
    else return undefined;
    proto = d.u8(at);
  }
  return undefined;
}
