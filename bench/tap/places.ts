import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Network namespaces of a measurement's own, and the processes in them. */
export class Places {
  readonly #names: string[] = [];
  readonly #running: Running[] = [];

  /** Whether there are namespaces, and tools of these names. */
  static can(...tools: string[]): boolean {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
    return ['ip', ...tools].every((tool) => spawnSync('which', [tool]).status === 0);
  }

  /** Makes a namespace. @returns its name, under which it is in /run/netns */
  make(what: string): string {
    const name = `labwire-bench-${process.pid}-${what}`;
    ip(`netns add ${name}`);
    this.#names.push(name);
    ip(`-n ${name} link set lo up`);
    return name;
  }

  /** Waits until somebody has given a namespace its default route. */
  async hasRoute(name: string): Promise<void> {
    const show = ['-n', name, 'route', 'show', 'default'];
    while (spawnSync('ip', show, { encoding: 'utf8' }).stdout === '') await pause(50);
  }

  /** Starts a program in a namespace. */
  start(netns: string, ...words: string[]): Running {
    const running = new Running(['ip', 'netns', 'exec', netns, ...words]);
    this.#running.push(running);
    return running;
  }

  /** Runs a program in a namespace to its end. @returns what it printed */
  async run(netns: string, ...words: string[]): Promise<string> {
    const running = this.start(netns, ...words);
    await running.closed;
    return running.said;
  }

  async end(): Promise<void> {
    for (const running of this.#running) await running.end();
    for (const name of this.#names) spawnSync('ip', ['netns', 'del', name]);
  }
}

/** Runs `ip`. @throws Error with what it said */
export function ip(line: string): void {
  const { status, stderr } = spawnSync('ip', line.split(' '), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${line}: ${stderr}`);
}

/** A process whose output and CPU time are looked at. */
export class Running {
  readonly closed: Promise<void>;
  readonly #process: ChildProcessWithoutNullStreams;
  #said = '';
  #look: () => void = () => undefined;

  constructor([command, ...args]: readonly string[]) {
    this.#process = spawn(command as string, args, { cwd: ROOT });
    const hear = (text: unknown): void => {
      this.#said += String(text);
      this.#look();
    };
    this.#process.stdout.on('data', hear);
    this.#process.stderr.on('data', hear);
    this.closed = new Promise((done) => {
      this.#process.on('close', () => {
        done();
        this.#look();
      });
    });
  }

  get said(): string {
    return this.#said;
  }

  get #over(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Types a line. */
  type(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Waits until its output matches. @throws Error with that output if it ends before */
  async until(what: RegExp): Promise<void> {
    while (!what.test(this.#said)) {
      if (this.#over) throw new Error(`ended before ${what}:\n${this.#said}`);
      await new Promise<void>((look) => {
        this.#look = look;
      });
    }
  }

  /** Seconds of CPU that its threads have had. */
  cpu(): number {
    if (this.#over) throw new Error(`ended before its time:\n${this.#said}`);
    const tasks = `/proc/${this.#process.pid}/task`;
    let nanos = 0;
    for (const task of readdirSync(tasks))
      nanos += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
    return nanos / 1e9;
  }

  async end(): Promise<void> {
    if (!this.#over) this.#process.kill('SIGKILL');
    await this.closed;
  }
}
