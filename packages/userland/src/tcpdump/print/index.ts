import { Dissector, type Layers, type PrintOptions, type SeqBase, Truncated } from './dissector.ts';
import { etherPrint } from './ether.ts';
import { transportPrint } from './ip-demux.ts';
import { ip4Print } from './ip4.ts';
import { ip6Print } from './ip6.ts';
import { sll2Print } from './sll2.ts';

export { hexPairs, type PrintOptions, type SeqBase } from './dissector.ts';

/** LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2 and LINKTYPE_RAW. */
export const LINK_ETHERNET = 1;
export const LINK_SLL2 = 276;
export const LINK_RAW = 101;

const LAYERS: Layers = {
  ether: etherPrint,
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

/** Takes a packet apart into tcpdump's text, without its time. */
export function printPacket(
  packet: Packet,
  linkType: number,
  options: PrintOptions,
  seqs: Map<string, SeqBase>,
): string {
  const d = new Dissector(packet.bytes, options, seqs, LAYERS);
  try {
    if (linkType === LINK_SLL2) sll2Print(d, 0, packet.length, packet.device);
    else if (linkType === LINK_RAW) (d.u8(0) >> 4 === 6 ? ip6Print : ip4Print)(d, 0, packet.length);
    else etherPrint(d, 0, packet.length);
  } catch (e) {
    if (!(e instanceof Truncated)) throw e;
    d.print(` [|${d.protocol}]`);
  }
  return d.text;
}

/** Where the network header of a packet is. */
export function linkHeaderLength(linkType: number): number {
  return linkType === LINK_SLL2 ? 20 : linkType === LINK_RAW ? 0 : 14;
}
