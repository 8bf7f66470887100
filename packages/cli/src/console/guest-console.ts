import type { Io } from '../io.ts';

/** Ctrl-], which leaves a console. */
const ESCAPE = 0x1d;

/** A console that one looks at: the keys typed at it, up to the one that leaves it. */
export class ConsoleView {
  readonly #io: Io;
  readonly #type: (keys: Uint8Array) => void;
  readonly #leave: () => void;
  readonly #decoder = new TextDecoder();

  /** @param type sends keys to the guest. @param leave is called when Ctrl-] is typed */
  constructor(guest: string, io: Io, type: (keys: Uint8Array) => void, leave: () => void) {
    this.#io = io;
    this.#type = type;
    this.#leave = leave;
    io.out(`Connected to guest ${guest}; Ctrl-] leaves its console\n`);
  }

  show(output: Uint8Array): void {
    this.#io.out(this.#decoder.decode(output, { stream: true }));
  }

  onKeys(keys: Uint8Array): void {
    const end = keys.indexOf(ESCAPE);
    if (end !== 0) this.#type(end < 0 ? keys : keys.subarray(0, end));
    if (end >= 0) this.#leave();
  }
}
