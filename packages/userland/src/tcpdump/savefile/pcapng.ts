import type { Packet } from '../print/index.ts';
import { TcpdumpError } from '../tcpdump-error.ts';
import { FileReader } from './reader.ts';
import { adjustSnaplen, knownLinkType, type Savefile } from './savefile.ts';

const SECTION = 0x0a0d_0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const ORDER_MAGIC = 0x1a2b_3c4d;
const BLOCK_HEAD = 8;
const OPT_TSRESOL = 9;
const OPT_TSOFFSET = 14;
const MAX_BLOCK = 16 * 1024 * 1024;

/** An interface of a section. */
interface Interface {
  /** Ticks of its clock per second. */
  readonly ticks: number;
  /** Seconds to add to its times. */
  readonly offset: number;
}

/** Reads a pcapng file. libpcap sf-pcapng.c @returns undefined if it is none @throws TcpdumpError */
export function readPcapng(buf: Uint8Array): Savefile | undefined {
  if (new FileReader(buf, 0, true).u32() !== SECTION) return undefined;
  const little = new FileReader(buf, 8, true).u32() === ORDER_MAGIC;
  if (!little && new FileReader(buf, 8, false).u32() !== ORDER_MAGIC) return undefined;
  return new Reader(new FileReader(buf, 0, little)).read();
}

class Reader {
  readonly #file: FileReader;
  #interfaces: Interface[] = [];
  #linkType: number | undefined;
  #snaplen = 0;
  readonly #packets: Packet[] = [];

  constructor(file: FileReader) {
    this.#file = file;
  }

  read(): Savefile {
    let error: TcpdumpError | undefined;
    try {
      while (this.#block());
    } catch (e) {
      if (!(e instanceof TcpdumpError)) throw e;
      if (this.#linkType === undefined) throw e;
      error = e;
    }
    if (this.#linkType === undefined)
      throw new TcpdumpError('the capture file has no Interface Description Blocks');
    return {
      linkType: this.#linkType,
      snaplen: this.#snaplen,
      packets: this.#packets,
      error,
    };
  }

  /** @returns whether there was one */
  #block(): boolean {
    const file = this.#file;
    if (file.left === 0) return false;
    this.#demand(BLOCK_HEAD);
    const type = file.u32();
    const length = file.u32();
    if (length < 12 || length > MAX_BLOCK)
      throw new TcpdumpError(
        `pcapng block size is ${length < 12 ? `${length} < minimum 12` : `larger than maximum ${MAX_BLOCK}`}`,
      );
    this.#demand(length - BLOCK_HEAD);
    const end = file.at + length - BLOCK_HEAD;
    this.#body(type, end - 4);
    file.at = end;
    return true;
  }

  #demand(n: number): void {
    const { left } = this.#file;
    if (left < n)
      throw new TcpdumpError(
        `truncated pcapng dump file; tried to read ${n} bytes, only got ${left}`,
      );
  }

  #body(type: number, end: number): void {
    const file = this.#file;
    switch (type) {
      case SECTION:
        this.#interfaces = [];
        return;
      case INTERFACE:
        this.#interface(end);
        return;
      case ENHANCED_PACKET: {
        const id = file.u32();
        this.#packet(id, file.u32() * 2 ** 32 + file.u32(), end);
        return;
      }
      case OLD_PACKET: {
        const id = file.u16();
        file.u16();
        this.#packet(id, file.u32() * 2 ** 32 + file.u32(), end);
        return;
      }
      case SIMPLE_PACKET: {
        const length = file.u32();
        this.#add(0, 0, Math.min(length, this.#snaplen), length, end);
      }
    }
  }

  #interface(end: number): void {
    const file = this.#file;
    const linkType = knownLinkType(file.u16());
    file.u16();
    const snaplen = file.u32();
    if (this.#linkType !== undefined && this.#linkType !== linkType)
      throw new TcpdumpError(
        `an interface has a type ${linkType} different from the type of the first interface`,
      );
    if (this.#linkType !== undefined && this.#snaplen !== adjustSnaplen(snaplen))
      throw new TcpdumpError(
        `an interface has a snapshot length ${snaplen} different from the snapshot length of the first interface`,
      );
    this.#linkType = linkType;
    this.#snaplen = adjustSnaplen(snaplen);
    this.#interfaces.push(readOptions(file, end));
  }

  #packet(id: number, time: number, end: number): void {
    const [captured, length] = [this.#file.u32(), this.#file.u32()];
    this.#add(id, time, captured, length, end);
  }

  #add(id: number, time: number, captured: number, length: number, end: number): void {
    const from = this.#interfaces[id];
    if (from === undefined)
      throw new TcpdumpError(
        `a packet arrived on interface ${id}, but there's no Interface Description Block for that interface`,
      );
    if (captured > this.#snaplen)
      throw new TcpdumpError(
        `invalid packet capture length ${captured}, bigger than snaplen of ${this.#snaplen}`,
      );
    if (captured > end - this.#file.at)
      throw new TcpdumpError('block of type 6 in pcapng dump file has no room for packet data');
    const sec = Math.floor(time / from.ticks);
    const nsec = Math.floor(((time - sec * from.ticks) / from.ticks) * 1e9 + 0.5);
    this.#packets.push({
      sec: sec + from.offset,
      nsec,
      length,
      bytes: this.#file.take(captured),
      device: '?',
    });
  }
}

/** What an interface's options say of its clock. */
function readOptions(file: FileReader, end: number): Interface {
  let ticks = 1_000_000;
  let offset = 0;
  while (file.at + 4 <= end) {
    const [code, length] = [file.u16(), file.u16()];
    if (code === 0) break;
    const next = file.at + Math.ceil(length / 4) * 4;
    if (code === OPT_TSRESOL && length === 1) {
      const [resolution = 6] = file.take(1);
      ticks = (resolution & 0x80) === 0 ? 10 ** resolution : 2 ** (resolution & 0x7f);
    } else if (code === OPT_TSOFFSET && length === 8) {
      const [a, b] = [file.u32(), file.u32()];
      offset = file.little ? a + b * 2 ** 32 : a * 2 ** 32 + b;
    }
    file.at = next;
  }
  return { ticks, offset };
}
