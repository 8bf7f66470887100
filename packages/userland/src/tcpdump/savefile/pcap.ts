import type { Packet } from '../print/index.ts';
import { TcpdumpError } from '../tcpdump-error.ts';
import { FileReader, truncatedFile } from './reader.ts';
import { adjustSnaplen, knownLinkType, type Savefile } from './savefile.ts';

const MAGIC_US = 0xa1b2_c3d4;
const MAGIC_NS = 0xa1b2_3c4d;
const MAGICS: readonly number[] = [MAGIC_US, MAGIC_NS];
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** Reads a pcap file of either byte order. libpcap sf-pcap.c @returns undefined if it is none @throws TcpdumpError */
export function readPcap(buf: Uint8Array): Savefile | undefined {
  const magicOf = (little: boolean) => new FileReader(buf, 0, little).u32();
  const little = MAGICS.includes(magicOf(true));
  if (!little && !MAGICS.includes(magicOf(false))) return undefined;
  if (buf.length < FILE_HEADER) throw truncatedFile('file header ', FILE_HEADER, buf.length);
  const nanoseconds = magicOf(little) === MAGIC_NS;
  const file = new FileReader(buf, 4, little);
  const [major, minor] = [file.u16(), file.u16()];
  if (major < 2) throw new TcpdumpError('archaic pcap savefile format');
  if ((major !== 2 || minor > 4) && (major !== 543 || minor !== 0))
    throw new TcpdumpError(`unsupported pcap savefile version ${major}.${minor}`);
  file.take(8);
  const snaplen = adjustSnaplen(file.u32());
  const linkType = knownLinkType(file.u32() & 0x03ff_ffff);
  // some old programs wrote the two lengths the other way round
  const order = major === 543 || minor < 3 ? 'swapped' : minor === 3 ? 'maybe' : 'right';
  const packets: Packet[] = [];
  try {
    for (;;) {
      const packet = readRecord(file, { snaplen, unit: nanoseconds ? 1 : 1000, order });
      if (packet === undefined) return { linkType, snaplen, packets, error: undefined };
      packets.push(packet);
    }
  } catch (e) {
    if (!(e instanceof TcpdumpError)) throw e;
    return { linkType, snaplen, packets, error: e };
  }
}

function readRecord(
  file: FileReader,
  f: {
    readonly snaplen: number;
    readonly unit: number;
    readonly order: 'right' | 'swapped' | 'maybe';
  },
): Packet | undefined {
  if (file.left === 0) return undefined;
  if (file.left < RECORD_HEADER) throw truncatedFile('header ', RECORD_HEADER, file.left);
  const [sec, fraction, first, second] = [file.u32(), file.u32(), file.u32(), file.u32()];
  const swap = f.order === 'swapped' || (f.order === 'maybe' && first > second);
  const [captured, length] = swap ? [second, first] : [first, second];
  if (captured > 262_144 && captured > f.snaplen)
    throw new TcpdumpError(
      `invalid packet capture length ${captured}, bigger than snaplen of ${f.snaplen}`,
    );
  const bytes = file.take(captured);
  if (bytes.length < captured) throw truncatedFile('captured ', captured, bytes.length);
  const kept = bytes.subarray(0, f.snaplen);
  return { sec, nsec: fraction * f.unit, length, bytes: kept, device: '?' };
}

function put(out: Uint8Array, off: number, value: number): void {
  for (let i = 0; i < 4; i++) out[off + i] = Math.floor(value / 256 ** i) % 256;
}

/** The header of a capture file, little-endian. */
export function pcapHeader(linkType: number, snaplen: number, nanoseconds: boolean): Uint8Array {
  const out = new Uint8Array(FILE_HEADER);
  put(out, 0, nanoseconds ? MAGIC_NS : MAGIC_US);
  put(out, 4, 0x0004_0002);
  put(out, 16, snaplen);
  put(out, 20, linkType);
  return out;
}

/** One packet as it stands in a capture file. */
export function pcapRecord(packet: Packet, nanoseconds: boolean): Uint8Array {
  const out = new Uint8Array(RECORD_HEADER + packet.bytes.length);
  put(out, 0, packet.sec);
  put(out, 4, Math.floor(packet.nsec / (nanoseconds ? 1 : 1000)));
  put(out, 8, packet.bytes.length);
  put(out, 12, packet.length);
  out.set(packet.bytes, RECORD_HEADER);
  return out;
}
