import type { Packet } from './print/index.ts';

const MAGIC_US = 0xa1b2_c3d4;
const MAGIC_NS = 0xa1b2_3c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** MAXIMUM_SNAPLEN */
export const MAX_SNAPLEN = 262_144;

/** A capture file that was read. */
export interface PcapFile {
  readonly linkType: number;
  readonly snaplen: number;
  readonly packets: readonly Packet[];
  /** Whether the file ends within a packet. */
  readonly truncated: boolean;
  /** Whether times have nine places. */
  readonly nanoseconds: boolean;
}

function word(buf: Uint8Array, off: number, little: boolean): number {
  const bytes = [0, 1, 2, 3].map((i) => buf[off + (little ? 3 - i : i)] as number);
  return bytes.reduce((v, b) => v * 256 + b, 0);
}

/** Reads a pcap file of either byte order. @returns undefined if it is none */
export function readPcap(buf: Uint8Array): PcapFile | undefined {
  if (buf.length < 4) return undefined;
  const little = [MAGIC_US, MAGIC_NS].includes(word(buf, 0, true));
  const magic = word(buf, 0, little);
  if ((magic !== MAGIC_US && magic !== MAGIC_NS) || buf.length < FILE_HEADER) return undefined;
  const nanoseconds = magic === MAGIC_NS;
  const unit = nanoseconds ? 1 : 1000;
  const packets: Packet[] = [];
  let at = FILE_HEADER;
  let truncated = false;
  while (at < buf.length) {
    const captured = at + RECORD_HEADER <= buf.length ? word(buf, at + 8, little) : Infinity;
    if (at + RECORD_HEADER + captured > buf.length) {
      truncated = true;
      break;
    }
    packets.push({
      sec: word(buf, at, little),
      nsec: word(buf, at + 4, little) * unit,
      length: word(buf, at + 12, little),
      bytes: buf.subarray(at + RECORD_HEADER, at + RECORD_HEADER + captured),
      device: '?',
    });
    at += RECORD_HEADER + captured;
  }
  const linkType = word(buf, 20, little) & 0xffff;
  return { linkType, snaplen: word(buf, 16, little), packets, truncated, nanoseconds };
}

function put(out: Uint8Array, off: number, value: number): void {
  for (let i = 0; i < 4; i++) out[off + i] = Math.floor(value / 256 ** i) % 256;
}

/** The header of a capture file, little-endian with microseconds. */
export function pcapHeader(linkType: number, snaplen: number): Uint8Array {
  const out = new Uint8Array(FILE_HEADER);
  put(out, 0, MAGIC_US);
  put(out, 4, 0x0004_0002);
  put(out, 16, snaplen);
  put(out, 20, linkType);
  return out;
}

/** One packet as it stands in a capture file. */
export function pcapRecord(packet: Packet): Uint8Array {
  const out = new Uint8Array(RECORD_HEADER + packet.bytes.length);
  put(out, 0, packet.sec);
  put(out, 4, Math.floor(packet.nsec / 1000));
  put(out, 8, packet.bytes.length);
  put(out, 12, packet.length);
  out.set(packet.bytes, RECORD_HEADER);
  return out;
}
