import type { MacAddr } from '../addr/index.ts';
import { get16, get48, put16, put48 } from '../bytes/index.ts';
import type { DropReason } from '../skb/index.ts';

/*
 * IEEE 802.3 section 3.1, "Ethernet II":
 *
 *   0              6             12      14
 *   +--------------+--------------+-------+-----------
 *   | destination  |    source    | type  | payload …
 *   +--------------+--------------+-------+-----------
 *
 * Without preamble and frame check sequence, as on a Linux device.
 */

/** Offsets of the fields of an Ethernet header. */
export const EthernetOff = { dst: 0, src: 6, type: 12 } as const;
/** Bytes of an Ethernet header. */
export const ETH_HLEN = 14;
/** Bytes of the shortest frame that a wire carries, without its check sequence. */
export const ETH_ZLEN = 60;
/** Bytes of a MAC address. */
export const ETH_ALEN = 6;

/** Rejects what has no room for the header. */
export function checkEthernet(_buf: Uint8Array, off: number, end: number): DropReason | undefined {
  return end - off < ETH_HLEN ? 'hdr_trunc' : undefined;
}

/** Zero-copy view, valid after {@link checkEthernet}. Keep it in a local: the skb owns the bytes. */
export class EthernetHeader {
  readonly #buf: Uint8Array;
  readonly #off: number;

  constructor(buf: Uint8Array, off: number) {
    this.#buf = buf;
    this.#off = off;
  }

  get dst(): MacAddr {
    return get48(this.#buf, this.#off + EthernetOff.dst) as MacAddr;
  }
  set dst(v: MacAddr) {
    put48(this.#buf, this.#off + EthernetOff.dst, v);
  }

  get src(): MacAddr {
    return get48(this.#buf, this.#off + EthernetOff.src) as MacAddr;
  }
  set src(v: MacAddr) {
    put48(this.#buf, this.#off + EthernetOff.src, v);
  }

  /** EtherType, or the length of an 802.3 frame if below {@link ETH_P_802_3_MIN}. */
  get type(): number {
    return get16(this.#buf, this.#off + EthernetOff.type);
  }
  set type(v: number) {
    put16(this.#buf, this.#off + EthernetOff.type, v);
  }
}

/** An Ethernet header as a record. */
export interface EthernetFields {
  readonly dst: MacAddr;
  readonly src: MacAddr;
  readonly type: number;
}

/** Reads a checked header. */
export function readEthernet(buf: Uint8Array, off: number): EthernetFields {
  const { dst, src, type } = new EthernetHeader(buf, off);
  return { dst, src, type };
}

/** Writes a header: {@link ETH_HLEN} bytes. */
export function writeEthernet(buf: Uint8Array, off: number, f: EthernetFields): void {
  put48(buf, off + EthernetOff.dst, f.dst);
  put48(buf, off + EthernetOff.src, f.src);
  put16(buf, off + EthernetOff.type, f.type);
}
