import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import {
  POLLIN,
  POLLOUT,
  SEC,
  Simulator,
  type SimulatorOptions,
  WaitQueue,
} from '@labwire/core/sim';
import { devOpen } from '@labwire/devices/link';
import type { Netns } from '@labwire/devices/netns';
import { debianPackages } from '@labwire/userland/debian';
import { exec, findProgram, Machine, type OpenFile } from '@labwire/userland/machine';

/** What a command printed and returned. */
export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Simulated time after which a command counts as hanging. */
const PATIENCE = 600 * SEC;

/** Collects what is written. */
class Sink implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  text = '';

  poll(): number {
    return POLLOUT;
  }

  read(): Uint8Array {
    return new Uint8Array(0);
  }

  write(data: Uint8Array): number {
    this.text += utf8Decode(data);
    return data.length;
  }

  ref(): void {}
  unref(): void {}
}

/** Gives a text, then ends. */
class Source implements OpenFile {
  readonly isTty = false;
  readonly wq: WaitQueue = new WaitQueue();
  #left: Uint8Array;

  constructor(text: string) {
    this.#left = utf8Encode(text);
  }

  poll(): number {
    return POLLIN;
  }

  read(max: number): Uint8Array {
    const piece = this.#left.subarray(0, max);
    this.#left = this.#left.subarray(piece.length);
    return piece;
  }

  write(data: Uint8Array): number {
    return data.length;
  }

  ref(): void {}
  unref(): void {}
}

/** One machine, used again for all rows: each gets a network namespace of its own. */
export class ConformanceHost {
  readonly sim: Simulator;
  readonly machine: Machine;

  constructor(options: SimulatorOptions = {}) {
    this.sim = new Simulator(options);
    this.machine = new Machine(this.sim, { name: 'host', packages: debianPackages });
  }

  /** A namespace in which nothing has happened, its loopback up. */
  freshNetns(): Netns {
    const netns = this.machine.kernel.newNetns();
    devOpen(netns.loopback);
    return netns;
  }

  /** Runs one program as root. */
  async run(netns: Netns, argv: readonly string[], stdin = ''): Promise<Ran> {
    const [out, err] = [new Sink(), new Sink()];
    const env = new Map(Object.entries({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }));
    const fds = new Map<number, OpenFile>([
      [0, new Source(stdin)],
      [1, out],
      [2, err],
    ]);
    const name = argv[0] ?? '';
    const proc = this.machine.startProcess(
      undefined,
      argv,
      async (p) => {
        const path = findProgram(p, name);
        if (path !== undefined) return exec(p, path, argv);
        await p.err(`${name}: not a program of Labwire\n`);
        return 127;
      },
      { netns, fds, env, cwd: '/root' },
    );
    await this.sim.run(this.sim.now + PATIENCE, () => proc.exitCode !== undefined);
    return { out: out.text, err: err.text, code: proc.exitCode ?? -1 };
  }

  /** Runs a line as a shell reads it. */
  shell(netns: Netns, line: string): Promise<Ran> {
    return this.run(netns, /[^\w\s./:,+=@%^!-]/.test(line) ? ['bash', '-c', line] : words(line));
  }
}

function words(line: string): string[] {
  return line.split(/\s+/).filter((w) => w !== '');
}
