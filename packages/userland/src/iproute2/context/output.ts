import type { Process } from '../../machine/index.ts';

/** What a program says, kept in order and written when it may wait. */
export class Output {
  readonly #proc: Process;
  #pending: { readonly fd: 1 | 2; text: string }[] = [];

  constructor(proc: Process) {
    this.#proc = proc;
  }

  /** Says something on standard output. */
  out(text: string): void {
    this.#add(1, text);
  }

  /** Says something on standard error. */
  err(text: string): void {
    this.#add(2, text);
  }

  #add(fd: 1 | 2, text: string): void {
    const last = this.#pending.at(-1);
    if (text === '') return;
    if (last?.fd === fd) last.text += text;
    else this.#pending.push({ fd, text });
  }

  /** Writes all that was said. */
  async flush(): Promise<void> {
    const pieces = this.#pending;
    this.#pending = [];
    for (const { fd, text } of pieces)
      await (fd === 1 ? this.#proc.out(text) : this.#proc.err(text));
  }
}
