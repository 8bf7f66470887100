import type { Running } from './lab-up.ts';

/** A shell of {@link tinyLinux} at its console. */
export class GuestShell {
  readonly #console: Running;
  #commands = 0;

  constructor(console: Running) {
    this.#console = console;
  }

  /** @returns what a command prints, its last line its exit code */
  async run(command: string): Promise<string> {
    if (this.#commands === 0) await this.#console.until(/tiny# /);
    const n = ++this.#commands;
    this.#console.type(`echo "begin $((${n}))"; ${command}; echo "end $((${n})) with $?"`);
    const [, output = ''] = await this.#console.until(
      new RegExp(`begin ${n}\\s+([^]*)end ${n} with \\d+`),
    );
    return output.replaceAll('\r', '');
  }

  async end(): Promise<void> {
    await this.#console.end();
  }
}
