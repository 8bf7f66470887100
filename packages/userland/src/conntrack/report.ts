import type { Process } from '../machine/index.ts';

/** What is printed: standard output waits in a buffer unless a terminal reads it, standard error never does. */
export class Report {
  readonly #proc: Process;
  readonly #live: boolean;
  #pending = '';

  constructor(proc: Process) {
    this.#proc = proc;
    this.#live = proc.isTty(1);
  }

  /** Prints on standard output. */
  async out(text: string): Promise<void> {
    this.#pending += text;
    if (this.#live) await this.flush();
  }

  /** Prints on standard error. */
  async err(text: string): Promise<void> {
    await this.#proc.err(text);
  }

  /** Lets go of what waits. */
  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') await this.#proc.out(text);
  }
}
