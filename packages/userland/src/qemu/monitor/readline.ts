/** What is typed to a monitor, byte by byte, shown again as QEMU shows it. QEMU util/readline.c */
export class Readline {
  #line = '';
  #shown = 0;
  readonly #echo: boolean;

  /** @param echo false: a terminal shows what is typed */
  constructor(echo: boolean) {
    this.#echo = echo;
  }

  /** Takes a byte. @returns what is shown, and the line if it is complete */
  take(byte: number): { readonly show: string; readonly line?: string } {
    if (byte === 10 || byte === 13) {
      const line = this.#line;
      this.#line = '';
      this.#shown = 0;
      return { show: this.#echo ? '\n' : '', line };
    }
    if (byte === 8 || byte === 127) this.#line = this.#line.slice(0, -1);
    else if (byte >= 32) this.#line += String.fromCharCode(byte);
    else return { show: '' };
    return { show: this.#update() };
  }

  /** Goes back to the beginning and writes the line anew. readline_update() */
  #update(): string {
    const back = '\x1b[D'.repeat(this.#shown);
    this.#shown = this.#line.length;
    return this.#echo ? `${back}${this.#line}\x1b[K` : '';
  }
}
