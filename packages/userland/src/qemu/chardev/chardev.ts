import { POLLIN } from '@labwire/core/sim';
import type { OpenFile, PollItem, Process } from '../../machine/index.ts';

/** A character device of QEMU's: whoever is at it reads and writes. include/chardev/char.h */
export interface Chardev {
  /** As `info chardev` calls it. */
  readonly id: string;
  /** As `info chardev` shows it. */
  readonly filename: string;
  /** Who is at it; undefined for nobody. */
  readonly peer: CharPeer | undefined;
  /** What is to be waited for before {@link turn}. */
  readonly waits: readonly PollItem[];
  /** Lets somebody in who has come. */
  turn(): void;
  /** Whoever is at it has gone. */
  part(): void;
  close(): void;
}

/** Somebody at a character device. */
export interface CharPeer {
  /** What he writes is read here. */
  readonly input: OpenFile;
  readonly output: OpenFile;
  /** Takes out what is the protocol's own. */
  filter(data: Uint8Array): Uint8Array;
}

const asItIs = (data: Uint8Array): Uint8Array => data;

/** The terminal, or whatever standard input and output are. */
export class StdioChardev implements Chardev {
  readonly id: string;
  readonly filename = 'stdio';
  #peer: CharPeer | undefined;

  constructor(proc: Process, id: string) {
    this.id = id;
    this.#peer = { input: proc.file(0), output: proc.file(1), filter: asItIs };
  }

  get peer(): CharPeer | undefined {
    return this.#peer;
  }

  get waits(): readonly PollItem[] {
    return this.#peer === undefined ? [] : [{ on: this.#peer.input, events: POLLIN }];
  }

  turn(): void {}

  part(): void {
    this.#peer = undefined;
  }

  close(): void {}
}

/** Nobody ever. */
export class NullChardev implements Chardev {
  readonly id: string;
  readonly filename = 'null';
  readonly peer = undefined;
  readonly waits: readonly PollItem[] = [];

  constructor(id: string) {
    this.id = id;
  }

  turn(): void {}

  part(): void {}

  close(): void {}
}
