import { closeSync } from 'node:fs';
import { LabwireError } from '@labwire/core/error';
import { type Libc, loadLibc, NoLibc } from '../libc/index.ts';
import { FrameDevice } from './frame-device.ts';
import type { Wire, WireSink } from './wire.ts';

/** Linux include/uapi/linux/if_tun.h */
const TUNSETOFFLOAD = 0x400454d0;
const TUN_F_CSUM = 0x01;
const TUN_F_TSO4 = 0x02;
const TUN_F_TSO6 = 0x04;

/** Why a device can't be opened, and what mends that. */
export class DeviceRefusal extends Error {
  readonly mend: string;
  /** Whether who can't mend it should hear of sockets. */
  readonly forGood: boolean;

  constructor(why: string, mend: string, forGood = false) {
    super(why);
    this.mend = mend;
    this.forGood = forGood;
  }
}

/** A device that has been opened. */
export interface OpenDevice {
  readonly fd: number;
  /** What the user should know. */
  readonly hint?: string;
}

/** A device of this computer that a {@link FrameDevice} reads and writes. Linux only. */
export abstract class DeviceWire implements Wire {
  readonly text: string;
  readonly superSegments = true;
  /** Names the sockets that messages suggest. */
  protected readonly name: string;
  #libc: Libc | undefined;
  #fd = -1;
  #device: FrameDevice | undefined;

  /** @param text as the user wrote it */
  constructor(text: string, name: string) {
    this.text = text;
    this.name = name;
  }

  /** Opens the device: one that does not block, and has IFF_VNET_HDR. @throws {@link DeviceRefusal} */
  protected abstract openDevice(libc: Libc): OpenDevice;

  get connected(): boolean {
    return this.#device !== undefined;
  }

  async open(sink: WireSink): Promise<void> {
    const [libc, { fd, hint }] = await this.#prepare();
    this.#libc = libc;
    this.#fd = fd;
    this.#device = new FrameDevice(fd, libc, sink, () => {
      this.#device = undefined;
      sink.onPeer(false);
    });
    this.#device.start();
    sink.onPeer(true);
    if (hint !== undefined) sink.onNote(`${this.text}: ${hint}`);
  }

  async #prepare(): Promise<[Libc, OpenDevice]> {
    try {
      if (process.platform !== 'linux')
        throw new DeviceRefusal('only Linux has such devices', 'run Labwire on Linux', true);
      const libc = await loadLibc();
      const open = this.openDevice(libc);
      if (libc.ioctlValue(open.fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) {
        closeSync(open.fd);
        throw new DeviceRefusal('takes no offloads', 'name another device');
      }
      return [libc, open];
    } catch (e) {
      if (e instanceof DeviceRefusal) throw this.#refusal(e);
      if (!(e instanceof NoLibc)) throw e;
      throw this.#refusal(new DeviceRefusal(e.message, 'install it (npm install koffi)', true));
    }
  }

  #refusal({ message, mend, forGood }: DeviceRefusal): LabwireError {
    const path = `/tmp/${this.name}.sock`;
    const other = `, or go without: =unix:${path}, and QEMU with -netdev stream,id=n0,server=off,addr.type=unix,addr.path=${path}`;
    return new LabwireError(`${this.text}: ${message}; ${mend}${forGood ? other : ''}`);
  }

  send(buf: Uint8Array, off: number, len: number, gsoSize: number): boolean {
    return this.#device?.send(buf, off, len, gsoSize) ?? false;
  }

  flush(): void {
    this.#device?.flush();
  }

  pause(): void {
    this.#device?.pause();
  }

  resume(): void {
    this.#device?.resume();
  }

  async close(): Promise<void> {
    const device = this.#device;
    if (device === undefined) return;
    this.#libc?.ioctlValue(this.#fd, TUNSETOFFLOAD, 0); // of one that persists, the next program may not know of offloads
    await device.close();
  }
}
