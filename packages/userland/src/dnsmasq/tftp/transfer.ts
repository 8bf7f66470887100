import type { SockAddr, Socket } from '@labwire/devices/sock';
import { dataPacket, oackPacket, type ReadRequest } from '../../tftp/index.ts';
import type { TftpFile } from './find-file.ts';

const DEFAULT_BLOCK_SIZE = 512;
/** Headers of IP, UDP and TFTP. */
const OVERHEAD4 = 32;
const OVERHEAD6 = 52;
/** dnsmasq's buffer for packets, less the header of a block. */
const MAX_BLOCK_SIZE = 5131 - 4;
/** Repetitions after which a transfer is given up. */
const MAX_BACKOFF = 7;
const FIRST_TIMEOUT = 2;
const LF = 10;
const CR = 13;

/** How a transfer goes on. */
export type TransferStep = Uint8Array | 'sent' | 'failed';

/** One file on its way to one client. dnsmasq src/dnsmasq.h, struct tftp_transfer */
export class Transfer {
  readonly sock: Socket;
  readonly peer: SockAddr;
  readonly file: TftpFile;
  readonly #netascii: boolean;
  readonly #options: (readonly [string, number])[] = [];
  #blockSize = DEFAULT_BLOCK_SIZE;
  /** The next to be acknowledged; 0 is the answer to options. */
  #block = 1;
  #offset = 0;
  /** What netascii has put into the last block, and whether it ended in the middle of a line's end. */
  #expansion = 0;
  #splitsLine = false;
  #splitLine = false;
  #backoff = 1;
  /** When the present block is sent again: seconds since the epoch. */
  timeout: number;

  constructor(sock: Socket, peer: SockAddr, file: TftpFile, request: ReadRequest, now: number) {
    this.sock = sock;
    this.peer = peer;
    this.file = file;
    this.#netascii = request.netascii;
    this.timeout = now + FIRST_TIMEOUT;
  }

  /** Grants what the client asks for. @param mtu 0 if it is not known */
  negotiate({ options }: ReadRequest, mtu: number, blockSizeAllowed: boolean): void {
    const asked = options.filter(([name]) => name === 'blksize').at(-1);
    if (asked !== undefined && blockSizeAllowed) {
      const overhead = typeof this.peer.addr === 'number' ? OVERHEAD4 : OVERHEAD6;
      const most = mtu === 0 ? MAX_BLOCK_SIZE : Math.min(MAX_BLOCK_SIZE, mtu - overhead);
      const size = Number.parseInt(asked[1], 10) || 0;
      this.#blockSize = Math.min(Math.max(1, size), most);
      this.#options.push(['blksize', this.#blockSize]);
    }
    if (!this.#netascii && options.some(([name]) => name === 'tsize'))
      this.#options.push(['tsize', this.file.data.length]);
    if (this.#options.length > 0) this.#block = 0;
  }

  /** The packet to be sent now; undefined when all is acknowledged. get_block() */
  packet(): Uint8Array | undefined {
    if (this.#block === 0) return oackPacket(this.#options);
    const { data } = this.file;
    if (this.#offset > data.length) return undefined;
    const part = data.subarray(this.#offset, this.#offset + this.#blockSize);
    return dataPacket(this.#block & 0xffff, this.#netascii ? this.#asNetascii(part) : part);
  }

  /** Each line's end becomes CR LF; what does not fit into the block comes with the next one. */
  #asNetascii(part: Uint8Array): Uint8Array {
    const out: number[] = [];
    let used = 0;
    this.#splitLine = false;
    for (const byte of part) {
      if (byte === LF && !(used === 0 && this.#splitsLine)) {
        out.push(CR);
        if (out.length === this.#blockSize) {
          this.#splitLine = true;
          break;
        }
      }
      out.push(byte);
      used++;
      if (out.length === this.#blockSize) break;
    }
    this.#expansion = out.length - used;
    return Uint8Array.from(out);
  }

  /** The client has a block. */
  acknowledge(block: number, now: number): void {
    if (block !== (this.#block & 0xffff)) return;
    this.timeout = now;
    this.#backoff = 0;
    if (this.#block++ === 0) return;
    this.#offset += this.#blockSize - this.#expansion;
    this.#splitsLine = this.#splitLine;
  }

  /** The client has had enough. */
  abort(now: number): void {
    this.timeout = now;
    this.#backoff = 100;
  }

  /** What to do when the time is over: the packet to send (again), or how it ended. */
  step(): TransferStep {
    this.timeout += 1 + (1 << (this.#backoff >> 1));
    const packet = this.packet();
    if (packet === undefined) return 'sent';
    // a client may well not acknowledge the last block
    if (++this.#backoff > MAX_BACKOFF)
      return packet.length === this.#blockSize + 4 ? 'failed' : 'sent';
    return packet;
  }
}
