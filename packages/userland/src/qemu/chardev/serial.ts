import { utf8Encode } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import type { ConsoleKeys, Guest } from '../../hypervisor/index.ts';
import type { PollItem } from '../../machine/index.ts';
import type { Chardev } from './chardev.ts';

const CHUNK = 1024;

/** A guest's serial port at a character device: `-serial unix:PATH,server,nowait`. */
export class SerialPort {
  readonly #chardev: Chardev;
  readonly #console: ConsoleKeys;

  constructor(guest: Guest, chardev: Chardev) {
    this.#chardev = chardev;
    this.#console = guest.openConsole((text) => this.#show(text));
  }

  #show(text: string): void {
    try {
      this.#chardev.peer?.output.write(utf8Encode(text));
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // nobody reads it any more
    }
  }

  get waits(): readonly PollItem[] {
    return this.#chardev.waits;
  }

  /** Takes what has come. */
  serve(): void {
    this.#chardev.turn();
    const { peer } = this.#chardev;
    if (peer === undefined || (peer.input.poll() & POLLIN) === 0) return;
    let data: Uint8Array | undefined;
    try {
      data = peer.input.read(CHUNK);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      data = new Uint8Array(0);
    }
    if (data === undefined) return;
    if (data.length === 0) this.#chardev.part();
    else for (const byte of peer.filter(data)) this.#console.type(byte);
  }
}
