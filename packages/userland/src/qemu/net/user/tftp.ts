import type { Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type Nanos, SEC } from '@labwire/core/sim';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { checkUdp, Ipv4Header, UDP_HLEN, UdpHeader } from '@labwire/core/wire';
import type { Process } from '../../../machine/index.ts';
import {
  dataPacket,
  errorPacket,
  oackPacket,
  TftpError,
  TftpOp,
  texts,
  word,
} from '../../../tftp/index.ts';
import type { GuestLink } from './link.ts';

const TFTP_PORT = 69;
const IPTOS_LOWDELAY = 0x10;
const BROADCAST = -1 as Ipv4Addr;
const BLOCK_SIZE = 512;
/** TFTP_BLOCKSIZE_MAX */
const MAX_BLOCK_SIZE = 1428;
/** Files that are sent at a time. TFTP_SESSIONS_MAX */
const MAX_SESSIONS = 20;
/** How long a client may be silent before another takes its place. */
const IDLE: Nanos = 5 * SEC;
/** TFTP_FILENAME_MAX */
const MAX_NAME = 512;

/** Whether a datagram is for the TFTP server. udp_input() */
export function isForTftp(skb: SkBuff, at: number, host: Ipv4Addr): boolean {
  const ip = new Ipv4Header(skb.buf, at);
  const off = at + ip.hlen;
  if (checkUdp(skb.buf, off, at + ip.totLen) !== undefined) return false;
  if (new UdpHeader(skb.buf, off).dport !== TFTP_PORT) return false;
  return ip.daddr === host || ip.daddr === BROADCAST;
}

/** A file on its way to a client. */
interface Session {
  readonly data: Uint8Array;
  blockSize: number;
  block: number;
  touched: Nanos;
}

/** The TFTP server of a user-mode network: files of the host below a directory, for reading. slirp src/tftp.c */
export class UserTftp {
  readonly #link: GuestLink;
  readonly #proc: Process;
  /** By the client's address and port. */
  readonly #sessions = new Map<string, Session>();

  constructor(link: GuestLink, proc: Process) {
    this.#link = link;
    this.#proc = proc;
  }

  /** A datagram from the guest, its IPv4 header at `at`. Takes ownership. tftp_input() */
  input(skb: SkBuff, at: number): void {
    const ip = new Ipv4Header(skb.buf, at);
    const off = at + ip.hlen;
    const udp = new UdpHeader(skb.buf, off);
    const packet = skb.buf.slice(off + UDP_HLEN, off + udp.len);
    const client = { addr: ip.saddr, port: udp.sport };
    freeSkb(skb);
    const key = `${client.addr}:${client.port}`;
    const reply = this.#answer(key, packet);
    const from = { addr: this.#link.config.host, port: TFTP_PORT };
    if (reply !== undefined) this.#link.sendUdp(from, client, reply, IPTOS_LOWDELAY);
  }

  #answer(key: string, packet: Uint8Array): Uint8Array | undefined {
    const op = word(packet, 0);
    if (op === TftpOp.rrq) return this.#read(key, packet);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    if (op === TftpOp.ack) return this.#nextBlock(key, session);
    if (op === TftpOp.error) this.#sessions.delete(key);
    return undefined;
  }

  /** tftp_handle_rrq() */
  #read(key: string, packet: Uint8Array): Uint8Array | undefined {
    const { tftp } = this.#link.config;
    this.#sessions.delete(key);
    if (tftp === undefined || !this.#hasRoom()) return undefined;
    const [name = '', mode, ...options] = texts(packet, 2);
    if (name.length + tftp.length + 1 >= MAX_NAME)
      return errorPacket(TftpError.access, 'Access violation');
    if (mode?.toLowerCase() !== 'octet')
      return errorPacket(TftpError.illegal, 'Unsupported transfer mode');
    const path = `/${name}`;
    if (path.endsWith('/') || path.includes('/../'))
      return errorPacket(TftpError.access, 'Access violation');
    const data = this.#load(`${tftp}${path}`);
    if (data === undefined) return errorPacket(TftpError.notFound, 'File not found');
    const session: Session = { data, blockSize: BLOCK_SIZE, block: 0, touched: this.#proc.now };
    this.#sessions.set(key, session);
    const granted = grant(session, options);
    return granted.length > 0 ? oackPacket(granted) : this.#nextBlock(key, session);
  }

  #hasRoom(): boolean {
    for (const [key, { touched }] of this.#sessions)
      if (this.#proc.now - touched > IDLE) this.#sessions.delete(key);
    return this.#sessions.size < MAX_SESSIONS;
  }

  #load(path: string): Uint8Array | undefined {
    try {
      return this.#proc.fs.readFile(this.#proc.path(path));
    } catch (e) {
      if (e instanceof KernelError) return undefined;
      throw e;
    }
  }

  /** tftp_send_next_block() */
  #nextBlock(key: string, session: Session): Uint8Array {
    const { block, blockSize, data } = session;
    const piece = data.subarray(block * blockSize, (block + 1) * blockSize);
    session.block++;
    session.touched = this.#proc.now;
    if (piece.length < blockSize) this.#sessions.delete(key);
    return dataPacket(session.block & 0xffff, piece);
  }
}

/** The options that are granted, in the order they were asked for. */
function grant(session: Session, options: readonly string[]): [string, number][] {
  const granted: [string, number][] = [];
  for (let i = 0; i + 1 < options.length; i += 2) {
    const name = (options[i] as string).toLowerCase();
    const value = Number.parseInt(options[i + 1] as string, 10) || 0;
    if (name === 'tsize') granted.push(['tsize', value === 0 ? session.data.length : value]);
    if (name === 'blksize' && value > 0) {
      session.blockSize = Math.min(value, MAX_BLOCK_SIZE);
      granted.push(['blksize', session.blockSize]);
    }
  }
  return granted;
}
