import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LABWIRE = ['--conditions=labwire-source', '--import', 'tsx', 'packages/cli/src/main.ts'];

/** Milliseconds after which a process is ended that nobody has ended: its test has failed. */
const LONGEST = 280_000;

/** A process whose output is awaited. */
export class Running {
  readonly #process: ChildProcessWithoutNullStreams;
  #said = '';
  #waiting: (() => void)[] = [];

  constructor(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#process = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      timeout: LONGEST,
      killSignal: 'SIGKILL',
    });
    const hear = (text: unknown): void => {
      this.#said += String(text);
      this.#tell();
    };
    this.#process.stdout.on('data', hear);
    this.#process.stderr.on('data', hear);
    this.#process.on('close', () => this.#tell());
  }

  #tell(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  /** All that it has printed. */
  get said(): string {
    return this.#said;
  }

  get #over(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Waits until its output matches. @throws Error with that output if it ends before */
  async until(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.#said);
      if (found !== null) return found;
      if (this.#over) throw new Error(`ended before ${what}:\n${this.#said}`);
      await new Promise<void>((look) => this.#waiting.push(look));
    }
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Ends it, by Ctrl-C if nothing else is said. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.#over) return;
    const closed = new Promise((done) => this.#process.once('close', done));
    this.#process.kill(signal);
    await closed;
  }
}

/** `labwire up`, in a network namespace if one is named. */
export function labUp(
  args: readonly string[],
  netns?: string,
  env?: Readonly<Record<string, string>>,
): Running {
  const words = [process.execPath, ...LABWIRE, 'up', ...args];
  const [command, ...rest] = netns === undefined ? words : ['ip', 'netns', 'exec', netns, ...words];
  return new Running(command as string, rest, env);
}

/** `labwire console`: what is typed goes to a real guest. */
export function guestConsole(guest: string): Running {
  return new Running(process.execPath, [...LABWIRE, 'console', guest]);
}
