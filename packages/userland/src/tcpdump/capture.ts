import { put16, put32, put48 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN, SEC, Tracepoint, WaitQueue } from '@labwire/core/sim';
import { CHECKSUM_PARTIAL, PACKET_OUTGOING, type SkBuff } from '@labwire/core/skb';
import { completeChecksum } from '@labwire/core/wire';
import { type NetDevice, type PacketTap, setPromiscuity } from '@labwire/devices/link';
import type { OpenFile, Process } from '../machine/index.ts';
import type { Filter } from './filter/index.ts';
import { PacketView } from './filter/index.ts';
import { LINK_ETHERNET, LINK_SLL2, type Packet } from './print/index.ts';

const SLL2_HEADER = 20;
const ETH_HEADER = 14;
/** Bytes that may wait to be read; what comes then is dropped. */
const BUFFER = 2 * 1024 * 1024;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** What is taken of the packets that pass by. */
export interface CaptureOptions {
  readonly snaplen: number;
  readonly direction: 'in' | 'out' | undefined;
  readonly filter: Filter;
  /** Whether the device is to hear what is for others, too. PACKET_MR_PROMISC */
  readonly promiscuous: boolean;
}

/** A packet socket with a filter: sees what a device, or all devices, send and receive. Linux net/packet/af_packet.c */
export class CaptureSocket implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  readonly linkType: number;
  /** Packets that passed the filter. */
  received = 0;
  dropped = 0;
  readonly #proc: Process;
  readonly #device: NetDevice | undefined;
  readonly #o: CaptureOptions;
  readonly #queue: Packet[] = [];
  #queued = 0;
  #stop: (() => void) | undefined;

  /** @param device undefined for all */
  constructor(proc: Process, device: NetDevice | undefined, options: CaptureOptions) {
    this.#proc = proc;
    this.#device = device;
    this.#o = options;
    this.linkType = device === undefined ? LINK_SLL2 : LINK_ETHERNET;
    const owner: { tap: PacketTap | null } = device ?? proc.netns;
    owner.tap ??= new Tracepoint();
    this.#stop = owner.tap.listen((skb, dev) => this.#take(skb, dev));
    if (device !== undefined && options.promiscuous) this.#listenToAll(device);
  }

  #listenToAll(device: NetDevice): void {
    const unlisten = this.#stop;
    setPromiscuity(device, 1);
    this.#stop = () => {
      unlisten?.();
      if (device.netns !== null) setPromiscuity(device, -1);
    };
  }

  /** The oldest packet that waits. */
  next(): Packet | undefined {
    const packet = this.#queue.shift();
    if (packet !== undefined) this.#queued -= packet.bytes.length;
    return packet;
  }

  poll(): number {
    return this.#queue.length > 0 ? POLLIN : 0;
  }

  read(): Uint8Array | undefined {
    return this.next()?.bytes;
  }

  write(): number {
    throw new KernelError('EBADF');
  }

  ref(): void {}

  unref(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #take(skb: SkBuff, dev: NetDevice): void {
    const outgoing = skb.pktType === PACKET_OUTGOING;
    // What lo sends it receives again: the first of the two is left out, as libpcap does.
    if (outgoing && dev === this.#proc.netns.loopback) return;
    if (this.#o.direction !== undefined && (this.#o.direction === 'out') !== outgoing) return;
    const frame = frameBytes(skb);
    const cook = this.#device === undefined;
    const view = cook ? cooked(tagged(frame, skb), skb, dev) : frame;
    // the filter sees the frame as the device left it: the outermost tag is beside it
    const vlanTci = cook ? -1 : skb.vlanTci;
    const meta = { outgoing, ifindex: dev.ifindex, vlanTci };
    if (!this.#o.filter(new PacketView(view, view.length, meta))) return;
    const bytes = cook ? view : tagged(frame, skb);
    this.received++;
    if (this.#queued > BUFFER) {
      this.dropped++;
      return;
    }
    const { machine, now } = this.#proc;
    const kept = bytes.subarray(0, this.#o.snaplen);
    const sec = Math.floor(machine.wallClock);
    this.#queue.push({
      bytes: kept,
      length: bytes.length,
      sec,
      nsec: Math.floor(now % SEC),
      device: dev.name,
    });
    this.#queued += kept.length;
    this.wq.wake();
  }
}

/** A frame with its checksum filled in. */
function frameBytes(skb: SkBuff): Uint8Array {
  const frame = skb.buf.slice(skb.mac, skb.tail);
  if (skb.ipSummed === CHECKSUM_PARTIAL) fillChecksum(frame, skb);
  return frame;
}

/** A frame with its VLAN tag in place. */
function tagged(frame: Uint8Array, skb: SkBuff): Uint8Array {
  if (skb.vlanTci < 0) return frame;
  const out = new Uint8Array(frame.length + 4);
  out.set(frame.subarray(0, 12));
  put16(out, 12, skb.vlanProto);
  put16(out, 14, skb.vlanTci);
  out.set(frame.subarray(12), 16);
  return out;
}

function fillChecksum(frame: Uint8Array, skb: SkBuff): void {
  const start = skb.th - skb.mac;
  const proto = frame[skb.nh - skb.mac + (skb.protocol === 0x0800 ? 9 : 6)];
  completeChecksum(frame, start, frame.length - start, start + (proto === 6 ? 16 : 6));
}

/** The header of the any device in place of the Ethernet header. LINKTYPE_LINUX_SLL2 */
function cooked(frame: Uint8Array, skb: SkBuff, dev: NetDevice): Uint8Array {
  const out = new Uint8Array(SLL2_HEADER + frame.length - ETH_HEADER);
  out.set(frame.subarray(12, 14), 0);
  put32(out, 4, dev.ifindex);
  put16(out, 8, dev === dev.netns?.loopback ? ARPHRD_LOOPBACK : ARPHRD_ETHER);
  out[10] = skb.pktType;
  out[11] = 6;
  const source = frame.subarray(6, 12).reduce((v, b) => v * 256 + b, 0);
  put48(out, 12, source);
  out.set(frame.subarray(ETH_HEADER), SLL2_HEADER);
  return out;
}
