import {
  Dissector,
  type Layers,
  type PrintOptions,
  type SeqBase,
  Truncated,
} from './base/index.ts';
import { etherTypePrint, transportPrint } from './demux.ts';
import { ip4Print, ip6Print } from './ip/index.ts';
import { etherPrint, nullPrint, sll2Print, sllPrint } from './link/index.ts';

export {
  bytesAndText,
  bytesOnly,
  hexPairs,
  type PrintOptions,
  type SeqBase,
  textOnly,
} from './base/index.ts';

/** Link types of capture files. https://www.tcpdump.org/linktypes.html */
export const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
export const LINK_LOOP = 108;
export const LINK_IPV4 = 228;
export const LINK_IPV6 = 229;
export const LINK_SLL = 113;
export const LINK_SLL2 = 276;
export const LINK_RAW = 101;

const LAYERS: Layers = {
  ether: etherPrint,
  etherType: etherTypePrint,
  ip4: ip4Print,
  ip6: ip6Print,
  transport: transportPrint,
};

/** A captured packet. */
export interface Packet {
  readonly bytes: Uint8Array;
  /** Bytes that it had on the wire. */
  readonly length: number;
  /** Nanoseconds since the epoch, in seconds and the rest. */
  readonly sec: number;
  readonly nsec: number;
  /** The device it was seen at, for the any device. */
  readonly device: string;
}

/** A packet as text, without its time. */
export interface Printed {
  readonly text: string;
  /** Bytes of its link header, which dumps leave out. */
  readonly header: number;
}

/** Takes a packet apart into tcpdump's text. */
export function printPacket(
  packet: Packet,
  linkType: number,
  options: PrintOptions,
  seqs: Map<string, SeqBase>,
): Printed {
  const d = new Dissector(packet.bytes, options, seqs, LAYERS);
  try {
    const header = linkPrint(d, packet, linkType);
    return { text: d.text, header };
  } catch (e) {
    if (!(e instanceof Truncated)) throw e;
    d.trunc();
    return { text: d.text, header: 0 };
  }
}

/** What is wrong with the lengths of a packet. print.c, pretty_print_packet() @returns undefined if nothing is */
export function badLengths(packet: Packet, max: number): string | undefined {
  const caplen = packet.bytes.length;
  const length = packet.length;
  const wrong = [
    caplen === 0 ? ' caplen==0' : '',
    length === 0 ? ' len==0' : length < caplen ? ` len(${length}) < caplen(${caplen})` : '',
    caplen > max ? ` caplen(${caplen}) > ${max}` : '',
    length > max ? ` len(${length}) > ${max}` : '',
  ].filter((text) => text !== '');
  return wrong.length === 0 ? undefined : `[Invalid header:${wrong.join(',')}]`;
}

/** @returns the length of the link header */
function linkPrint(d: Dissector, packet: Packet, linkType: number): number {
  switch (linkType) {
    case LINK_SLL2:
      return sll2Print(d, 0, packet.length, packet.device);
    case LINK_SLL:
      return sllPrint(d, 0, packet.length);
    case LINK_NULL:
    case LINK_LOOP:
      return nullPrint(d, 0, packet.length);
    case LINK_RAW:
    case LINK_IPV4:
    case LINK_IPV6:
      rawPrint(d, packet.length);
      return 0;
    default:
      return etherPrint(d, 0, packet.length);
  }
}

/** print-raw.c, print-ip.c, ipN_print() */
function rawPrint(d: Dissector, length: number): void {
  d.protocol = 'raw';
  if (d.o.ether) d.print('ip: ');
  const version = d.u8(0) >> 4;
  if (version === 4) ip4Print(d, 0, length);
  else if (version === 6) ip6Print(d, 0, length);
  else d.print(`unknown ip ${version}`);
}
