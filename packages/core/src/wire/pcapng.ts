import { utf8Encode } from '../bytes/index.ts';

/*
 * pcapng, draft-ietf-opsawg-pcapng: a section header, one interface description per device, then enhanced
 * packet blocks in order of time. Little-endian, stamps in nanoseconds, no clock of the host anywhere: the same
 * packets give the same bytes.
 *
 *   block: | type (4) | total length (4) | body, padded to 4 | total length (4) |
 */

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPT_END = 0;
const OPT_SHB_USERAPPL = 4;
const OPT_IF_NAME = 2;
const OPT_IF_TSRESOL = 9;
/** Stamps are in units of 10 to the minus this. */
const TSRESOL_NANO = 9;
/** Bytes of a packet block before the packet, and all besides it. */
const PACKET_HEAD = 28;
const PACKET_OVERHEAD = 32;
/** Most bytes of a packet that are kept: a 64 KiB super-segment with its Ethernet header fits. */
const DEFAULT_SNAPLEN = 262_144;
/** Bytes that a chunk holds at least. */
const CHUNK = 65_536;

/** Link types. https://www.tcpdump.org/linktypes.html */
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LINUX_SLL = 113;

/** Writes a capture as pcapng into memory. */
export class PcapngWriter {
  /** Full chunks, oldest first. */
  #chunks: Uint8Array[] = [];
  #buf = new Uint8Array(CHUNK);
  #view = new DataView(this.#buf.buffer);
  #at = 0;
  #interfaces = 0;

  /** @param application written into the section header */
  constructor(application = 'labwire') {
    const options = [{ code: OPT_SHB_USERAPPL, value: utf8Encode(application) }];
    this.#begin(SECTION_HEADER, 16 + optionsLength(options));
    this.#put32(BYTE_ORDER_MAGIC);
    this.#put16(1);
    this.#put16(0);
    this.#put32(-1); // the section's length is not told
    this.#put32(-1);
    this.#putOptions(options);
    this.#end(16 + optionsLength(options));
  }

  /** Adds a device. @returns its number, which {@link packet} takes */
  addInterface(
    name: string,
    linkType: number = LINKTYPE_ETHERNET,
    snaplen: number = DEFAULT_SNAPLEN,
  ): number {
    const options = [
      { code: OPT_IF_NAME, value: utf8Encode(name) },
      { code: OPT_IF_TSRESOL, value: Uint8Array.of(TSRESOL_NANO) },
    ];
    this.#begin(INTERFACE_DESCRIPTION, 8 + optionsLength(options));
    this.#put16(linkType);
    this.#put16(0);
    this.#put32(snaplen);
    this.#putOptions(options);
    this.#end(8 + optionsLength(options));
    return this.#interfaces++;
  }

  /**
   * Adds bytes `[off, end)` of `buf` as a packet of interface `iface`, copying them.
   * @param time Nanos since the epoch that the capture's reader is to see
   * @param origLen bytes that the packet had on the wire, if not all of them are given
   * @returns where the copy is in {@link bytes}, for who has still to change it
   */
  packet(
    iface: number,
    time: number,
    buf: Uint8Array,
    off: number,
    end: number,
    origLen: number = end - off,
  ): number {
    const len = end - off;
    const size = PACKET_OVERHEAD + ((len + 3) & ~3);
    this.#reserve(size);
    const view = this.#view;
    const at = this.#at;
    const high = Math.floor(time / 0x1_0000_0000);
    view.setUint32(at, ENHANCED_PACKET, true);
    view.setUint32(at + 4, size, true);
    view.setUint32(at + 8, iface, true);
    view.setUint32(at + 12, high, true);
    view.setUint32(at + 16, time - high * 0x1_0000_0000, true);
    view.setUint32(at + 20, len, true);
    view.setUint32(at + 24, origLen, true);
    this.#at = at + PACKET_HEAD;
    this.#copy(buf, off, len);
    this.#end(size - 12);
    return at + PACKET_HEAD;
  }

  /** Where the bytes of the last packet are, until the next is added. */
  get bytes(): Uint8Array {
    return this.#buf;
  }

  /** Hands over what has been written since the last call, in order; the caller appends it to its file. */
  takeChunks(): Uint8Array[] {
    const chunks = this.#chunks;
    if (this.#at > 0) chunks.push(this.#buf.slice(0, this.#at));
    this.#chunks = [];
    this.#at = 0;
    return chunks;
  }

  /** Makes room for a block. */
  #reserve(size: number): void {
    if (this.#at + size <= this.#buf.length) return;
    if (this.#at > 0) this.#chunks.push(this.#buf.subarray(0, this.#at));
    this.#buf = new Uint8Array(Math.max(CHUNK, size));
    this.#view = new DataView(this.#buf.buffer);
    this.#at = 0;
  }

  /** Begins a block whose body has `body` bytes. */
  #begin(type: number, body: number): void {
    this.#reserve(body + 12);
    this.#put32(type);
    this.#put32(body + 12);
  }

  #end(body: number): void {
    this.#put32(body + 12);
  }

  #put16(v: number): void {
    this.#view.setUint16(this.#at, v, true);
    this.#at += 2;
  }

  #put32(v: number): void {
    this.#view.setUint32(this.#at, v, true);
    this.#at += 4;
  }

  /** Copies bytes and pads them with zeros to a multiple of four. */
  #copy(from: Uint8Array, off: number, len: number): void {
    this.#buf.set(from.subarray(off, off + len), this.#at);
    this.#at += len;
    while ((this.#at & 3) !== 0) this.#buf[this.#at++] = 0;
  }

  #putOptions(options: readonly PcapngOption[]): void {
    for (const { code, value } of options) {
      this.#put16(code);
      this.#put16(value.length);
      this.#copy(value, 0, value.length);
    }
    this.#put16(OPT_END);
    this.#put16(0);
  }
}

interface PcapngOption {
  readonly code: number;
  readonly value: Uint8Array;
}

function optionsLength(options: readonly PcapngOption[]): number {
  return options.reduce((n, o) => n + 4 + ((o.value.length + 3) & ~3), 4);
}
