import { setTimeout as pause } from 'node:timers/promises';
import type { RealTime, Turn } from '@labwire/attach/clock';
import type { QemuGuest, QemuHypervisor } from '@labwire/attach/qemu';
import { MS, type Nanos, SEC, type Simulator } from '@labwire/core/sim';
import { whatRuns } from '@labwire/scenarios/lab';
import type { Machine, Terminal, TerminalRun, WindowSize } from '@labwire/userland/machine';
import { ConsoleView } from '../console/guest-console.ts';
import type { Io } from '../io.ts';
import { complete } from './complete.ts';
import type { Keyboard, KeyListener } from './keyboard.ts';

/** The window that a pipe does not have. */
const DEFAULT_SIZE: WindowSize = { rows: 24, columns: 80 };
/** What a command of a pipe has before the next line is typed. */
const TYPING_TIME: Nanos = 10 * MS;
/** A slice of simulated time between two looks at the host's own input and output. */
const SLICE: Nanos = SEC;

/** What a session is about. */
export interface SessionOptions {
  /** Simulated time goes as fast as time does; without it as fast as it can, every command running to its end before the next. */
  readonly clock: RealTime | undefined;
  /** Goes on when the input ends, until it is interrupted: others use the lab. */
  readonly stays: boolean;
  /** Has the guests whose consoles can be opened here. */
  readonly hypervisor?: QemuHypervisor | undefined;
  /** A guest at whose console it begins. */
  readonly console?: string | undefined;
}

/** What opens a guest's console at the prompt: the same words as in a terminal beside it. */
const OPENS_CONSOLE = /^\s*labwire\s+console(?:\s+(\S+))?\s*$/;

/** A prompt on a machine. The input is what is typed at it, line by line. */
export class ShellSession implements KeyListener, Turn {
  readonly #sim: Simulator;
  readonly #io: Io;
  readonly #keyboard: Keyboard;
  readonly #terminal: Terminal;
  readonly #options: SessionOptions;
  /** Lines typed and not yet run. */
  readonly #lines: string[] = [];
  /** Lines typed while a command ran that did not read them; they are echoed once more at the prompt. */
  readonly #ahead: string[] = [];
  /** Lines of a command that goes on. */
  #open = '';
  #run: TerminalRun | undefined;
  /** The guest whose console has the keyboard. */
  #guest: QemuGuest | undefined;
  #leaveGuest: (() => void) | undefined;
  /** Keys go to the command one by one. */
  #raw = false;
  #ended = false;
  #exitCode = 0;

  constructor(
    sim: Simulator,
    machine: Machine,
    io: Io,
    keyboard: Keyboard,
    options: SessionOptions,
  ) {
    this.#options = options;
    options.clock?.add(this);
    this.#sim = sim;
    this.#io = io;
    this.#keyboard = keyboard;
    this.#terminal = machine.openTerminal('1', {
      env: { PAGER: 'cat' },
      interactive: true,
      size: keyboard.size ?? DEFAULT_SIZE,
    });
  }

  /** Serves the keyboard until Ctrl-D, `exit`, or the end of a pipe; Ctrl-C at the prompt ends one that stays, too. @returns the last exit code */
  async run(): Promise<number> {
    this.#keyboard.start(this);
    await this.#sim.run(this.#sim.now);
    const { clock, console } = this.#options;
    if (console === undefined) this.#prompt();
    else this.#openConsole(console);
    if (clock === undefined) await this.#unpaced();
    else {
      await clock.run(() => this.#isOver());
      if (this.#ended && this.#keyboard.isTerminal) this.#io.out('exit\n');
    }
    this.#keyboard.stop();
    return this.#exitCode;
  }

  onLine(line: string): void {
    const opens = this.#run === undefined ? OPENS_CONSOLE.exec(line) : null;
    if (opens !== null && this.#options.hypervisor !== undefined) {
      this.#openConsole(opens[1]);
      return;
    }
    if (this.#keyboard.isTerminal && this.#run !== undefined) this.#run.type(`${line}\n`);
    else this.#lines.push(line);
    this.#options.clock?.wake();
  }

  onInterrupt(): void {
    if (this.#run !== undefined) {
      this.#run.interrupt();
      this.#options.clock?.wake();
      return;
    }
    if (this.#options.stays && this.#open === '') {
      this.end();
      return;
    }
    this.#open = '';
    this.#io.out('^C\n');
    this.#keyboard.clear();
    this.#prompt();
  }

  onEnd(): void {
    if (this.#keyboard.isTerminal && this.#run !== undefined) this.#run.endOfInput();
    else if (this.#keyboard.isTerminal || !this.#options.stays) this.#ended = true;
    this.#options.clock?.wake();
  }

  /** Ends it, whatever runs. */
  end(): void {
    this.#ended = true;
    this.#run?.interrupt();
    this.#options.clock?.wake();
  }

  complete(line: string): { readonly words: readonly string[]; readonly last: string } {
    return complete(this.#terminal, line);
  }

  /** Types what waits to be typed. */
  deliver(): void {
    this.#typeNext();
  }

  /** Prompts once a command is done, or a guest whose console was open. */
  flush(): void {
    if (this.#guest?.state === 'off') this.#closeConsole();
    this.#followTty();
    if (!this.#settleRun()) return;
    this.#prompt();
    this.#options.clock?.wake();
  }

  /** Keys go where the command wants them: line by line, or one by one. */
  #followTty(): void {
    const raw = this.#run?.tty.raw === true && this.#run.done === false;
    if (raw === this.#raw || !this.#keyboard.isTerminal) return;
    this.#raw = raw;
    const type = (keys: Uint8Array): void => {
      this.#run?.type(new TextDecoder().decode(keys));
      this.#options.clock?.wake();
    };
    this.#keyboard.raw(raw ? type : undefined);
  }

  #openConsole(name: string | undefined): void {
    const guests = this.#options.hypervisor?.guests ?? [];
    const guest =
      guests.find((g) => g.name === name) ?? (name === undefined ? guests[0] : undefined);
    const why = this.#whyNoConsole(guest, guests);
    if (why !== undefined || guest === undefined) {
      this.#io.err(`labwire: console: ${why}\n`);
      this.#prompt();
      return;
    }
    const leave = (): void => this.#closeConsole();
    const view = new ConsoleView(guest.name, this.#io, (keys) => guest.type(keys), leave);
    this.#guest = guest;
    this.#leaveGuest = guest.console.view((output) => view.show(output));
    this.#keyboard.raw((keys) => view.onKeys(keys));
  }

  #whyNoConsole(guest: QemuGuest | undefined, guests: readonly QemuGuest[]): string | undefined {
    if (guests.length === 0) return 'no real guest runs';
    if (guest === undefined) return `name one of ${guests.map((g) => g.name).join(', ')}`;
    return this.#keyboard.isTerminal ? undefined : 'it needs a terminal';
  }

  #closeConsole(): void {
    this.#leaveGuest?.();
    this.#guest = undefined;
    this.#leaveGuest = undefined;
    this.#io.out('\n');
    this.#keyboard.raw(undefined);
    this.#prompt();
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
    if (!this.#terminal.exited && this.#guest === undefined)
      this.#keyboard.prompt(this.#terminal.prompt(this.#open !== ''));
  }
}
