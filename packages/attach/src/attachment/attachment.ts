import { allocSkb, CHECKSUM_UNNECESSARY, freeSkb, type SkBuff } from '@labwire/core/skb';
import type { RealTime, Turn } from '../clock/index.ts';
import type { Outside, Port } from '../port/index.ts';
import type { Wire, WireSink } from '../wire/index.ts';

/** Frames, and bytes of them, that wait to be brought in before the wire is held back. */
const MOST_WAITING = 4096;
const MOST_BYTES = 4 << 20;
/** Bytes of an Ethernet header, and of the longest frame: a super-segment with two VLAN tags. */
const SHORTEST = 14;
const LONGEST = 65_535 + 14 + 2 * 4;

/** Frames that have passed, as counted since the attachment was made. */
export interface AttachmentStats {
  /** From outside into the lab. */
  rxFrames: number;
  rxBytes: number;
  /** Runts and giants. */
  rxErrors: number;
  /** Out of the lab. */
  txFrames: number;
  txBytes: number;
  /** Nobody was there, or did not read. */
  txDropped: number;
}

/** A device of the lab joined to a wire of the real world. */
export class Attachment implements WireSink, Outside, Turn {
  /** `MACHINE:DEV` */
  readonly text: string;
  readonly wire: Wire;
  readonly stats: AttachmentStats = {
    rxFrames: 0,
    rxBytes: 0,
    rxErrors: 0,
    txFrames: 0,
    txBytes: 0,
    txDropped: 0,
  };
  readonly #clock: RealTime;
  readonly #note: (text: string) => void;
  readonly #quiet: boolean;
  readonly #port: Port;
  #waiting: SkBuff[] = [];
  #bytes = 0;
  #held = false;

  /**
   * @param text `MACHINE:DEV`, for messages
   * @param open gives the place in the lab where frames come in and go out
   * @param note is told what the user should know
   * @param quiet does not note who comes and goes
   * @throws LabwireError if the device can't be opened
   */
  constructor(
    text: string,
    open: (outside: Outside, superSegments: boolean) => Port,
    wire: Wire,
    clock: RealTime,
    note: (text: string) => void,
    quiet = false,
  ) {
    this.text = text;
    this.wire = wire;
    this.#clock = clock;
    this.#note = note;
    this.#quiet = quiet;
    this.#port = open(this, wire.superSegments);
    clock.add(this);
  }

  /** Begins. @throws LabwireError if the wire can't be opened */
  async open(): Promise<void> {
    await this.wire.open(this);
  }

  async close(): Promise<void> {
    this.#clock.remove(this);
    await this.wire.close();
  }

  onFrame(buf: Uint8Array, off: number, len: number, gsoSize = 0, checked = false): void {
    if (len < SHORTEST || len > LONGEST) {
      this.stats.rxErrors++;
      return;
    }
    const skb = allocSkb(len);
    skb.buf.set(buf.subarray(off, off + len), skb.put(len));
    if (checked) skb.ipSummed = CHECKSUM_UNNECESSARY;
    if (gsoSize > 0) {
      skb.gsoSize = gsoSize;
      skb.gsoSegs = Math.ceil(len / gsoSize);
    }
    this.#waiting.push(skb);
    this.#bytes += len;
    if (!this.#held && (this.#waiting.length >= MOST_WAITING || this.#bytes >= MOST_BYTES)) {
      this.#held = true;
      this.wire.pause();
    }
    this.#clock.wake();
  }

  onPeer(connected: boolean): void {
    this.#port.setConnected(connected);
    if (!this.#quiet)
      this.#note(`${this.text}: ${connected ? 'connected' : 'disconnected'} (${this.wire.text})`);
    this.#clock.wake();
  }

  onLost(frames: number): void {
    this.stats.txFrames -= frames;
    this.stats.txDropped += frames;
  }

  onNote(text: string): void {
    this.#note(text);
  }

  transmit(skb: SkBuff): void {
    const { len } = skb;
    if (this.wire.send(skb.buf, skb.data, len, skb.gsoSize)) {
      this.stats.txFrames++;
      this.stats.txBytes += len;
    } else this.stats.txDropped++;
    freeSkb(skb);
  }

  portGone(): void {
    this.#note(`${this.text} was deleted; nothing passes any more`);
  }

  deliver(): void {
    if (this.#waiting.length === 0) return;
    const frames = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const skb of frames) {
      this.stats.rxFrames++;
      this.stats.rxBytes += skb.len;
      this.#port.deliver(skb);
    }
    if (!this.#held) return;
    this.#held = false;
    this.wire.resume();
  }

  flush(): void {
    this.wire.flush();
  }
}
