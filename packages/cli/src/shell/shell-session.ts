import { setTimeout as pause } from 'node:timers/promises';
import { MS, type Nanos, SEC, type Simulator } from '@labwire/core/sim';
import { whatRuns } from '@labwire/scenarios/lab';
import type { Machine, Terminal, TerminalRun, WindowSize } from '@labwire/userland/machine';
import type { Io } from '../io.ts';
import { complete } from './complete.ts';
import type { Keyboard, KeyListener } from './keyboard.ts';

/** The window that a pipe does not have. */
const DEFAULT_SIZE: WindowSize = { rows: 24, columns: 80 };
/** How often simulated time catches up with the time of day, in milliseconds. */
const TICK = 20;
/** What a command of a pipe has before the next line is typed. */
const TYPING_TIME: Nanos = 10 * MS;
/** A slice of simulated time between two looks at the host's own input and output. */
const SLICE: Nanos = SEC;

/**
 * A prompt on a machine. For a person simulated time goes as fast as time does; for a pipe as fast as it can,
 * and the input is what is typed at the prompt, line by line.
 */
export class ShellSession implements KeyListener {
  readonly #sim: Simulator;
  readonly #io: Io;
  readonly #keyboard: Keyboard;
  readonly #terminal: Terminal;
  /** Lines typed and not yet run. */
  readonly #lines: string[] = [];
  /** Lines typed while a command ran that did not read them; they are echoed once more at the prompt. */
  readonly #ahead: string[] = [];
  /** Lines of a command that goes on. */
  #open = '';
  #run: TerminalRun | undefined;
  #ended = false;
  #exitCode = 0;

  constructor(sim: Simulator, machine: Machine, io: Io, keyboard: Keyboard) {
    this.#sim = sim;
    this.#io = io;
    this.#keyboard = keyboard;
    this.#terminal = machine.openTerminal('1', {
      env: { PAGER: 'cat' },
      interactive: true,
      size: keyboard.size ?? DEFAULT_SIZE,
    });
  }

  /** Serves the keyboard until Ctrl-D, `exit`, or the end of a pipe. @returns the last exit code */
  async run(): Promise<number> {
    this.#keyboard.start(this);
    await this.#sim.run(this.#sim.now);
    this.#prompt();
    if (this.#keyboard.isTerminal) await this.#paced();
    else await this.#unpaced();
    this.#keyboard.stop();
    return this.#exitCode;
  }

  onLine(line: string): void {
    if (this.#keyboard.isTerminal && this.#run !== undefined) this.#run.type(`${line}\n`);
    else this.#lines.push(line);
  }

  onInterrupt(): void {
    if (this.#run !== undefined) {
      this.#run.interrupt();
      return;
    }
    this.#open = '';
    this.#io.out('^C\n');
    this.#keyboard.clear();
    this.#prompt();
  }

  onEnd(): void {
    if (this.#keyboard.isTerminal && this.#run !== undefined) this.#run.endOfInput();
    else this.#ended = true;
  }

  complete(line: string): { readonly words: readonly string[]; readonly last: string } {
    return complete(this.#terminal, line);
  }

  /** Simulated time follows the time of day. */
  async #paced(): Promise<void> {
    const [began, start] = [performance.now(), this.#sim.now];
    while (!this.#isOver()) {
      this.#typeNext();
      const now = start + Math.round((performance.now() - began) * MS);
      await this.#sim.run(now, () => this.#run?.done === true);
      if (this.#settleRun()) this.#prompt();
      else await pause(TICK);
    }
    if (this.#ended) this.#io.out('exit\n');
  }

  /** Every command runs to its end before the next one is typed. */
  async #unpaced(): Promise<void> {
    for (;;) {
      while (this.#lines.length > 0 && !this.#terminal.exited) await this.#runNextLine();
      if (this.#terminal.exited || this.#ended) return;
      await pause(1);
    }
  }

  async #runNextLine(): Promise<void> {
    this.#typeNext();
    for (let stuck = 0; this.#run !== undefined; ) {
      await this.#sim.run(this.#sim.now + SLICE, () => this.#run?.done !== false);
      if (this.#settleRun()) break;
      if (this.#sim.idle) this.#unstick(this.#run, stuck++);
      await pause(0);
    }
    await this.#sim.run(this.#sim.now + TYPING_TIME);
  }

  /** Nothing can happen any more: the command finds the end of its input, and if that is not it, is interrupted. */
  #unstick(run: TerminalRun, tries: number): void {
    if (tries === 0) {
      run.endOfInput();
      return;
    }
    this.#io.err(`labwire: nothing more can happen: ${whatRuns(run)}; interrupted\n`);
    run.interrupt();
    this.#io.out('\n');
  }

  #isOver(): boolean {
    return this.#terminal.exited || (this.#ended && this.#run === undefined);
  }

  #typeNext(): void {
    if (this.#run !== undefined) return;
    const line = this.#nextLine();
    if (line === undefined) return;
    const text = this.#open + line;
    if (this.#terminal.isIncomplete(text)) {
      this.#open = `${text}\n`;
      this.#prompt();
      return;
    }
    this.#open = '';
    this.#keyboard.prompt(undefined);
    this.#run = this.#terminal.run(text, { onOutput: (out) => this.#show(out) });
    for (const ahead of this.#ahead.splice(0)) this.#run.type(`${ahead}\n`);
  }

  #nextLine(): string | undefined {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) this.#io.out(`${ahead}\n`);
    return ahead ?? this.#lines.shift();
  }

  /** @returns whether a command has just come to its end */
  #settleRun(): boolean {
    if (this.#run?.done !== true) return false;
    this.#exitCode = this.#run.exitCode ?? 1;
    this.#ahead.push(...this.#run.takeUnread().split('\n').slice(0, -1));
    this.#run = undefined;
    return true;
  }

  #show(text: string): void {
    this.#io.out(text);
  }

  #prompt(): void {
    if (!this.#terminal.exited) this.#keyboard.prompt(this.#terminal.prompt(this.#open !== ''));
  }
}
