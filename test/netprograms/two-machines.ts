import { parseIpv4 } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { SEC, Simulator, WaitQueue } from '@labwire/core/sim';
import { Cable, IFF_UP, Nic, registerNetdevice } from '@labwire/devices/link';
import { addrAdd, linkSet } from '@labwire/devices/rtnetlink';
import { debianPackages } from '@labwire/userland/debian';
import { exec, findProgram, Machine, type OpenFile, type Process } from '@labwire/userland/machine';

/** Collects what is written to it. */
class Sink implements OpenFile {
  readonly isTty: boolean;
  readonly wq = new WaitQueue();
  text = '';

  constructor(isTty: boolean) {
    this.isTty = isTty;
  }

  poll(): number {
    return 4;
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

/** Gives out a text and then ends. */
class Source implements OpenFile {
  readonly isTty = false;
  readonly wq = new WaitQueue();
  #data: Uint8Array;

  constructor(text: string) {
    this.#data = utf8Encode(text);
  }

  poll(): number {
    return 1;
  }

  read(max: number): Uint8Array {
    const piece = this.#data.subarray(0, max);
    this.#data = this.#data.subarray(piece.length);
    return piece;
  }

  write(): number {
    return 0;
  }

  ref(): void {}
  unref(): void {}
}

/** A program that was started on a machine. */
export interface Running {
  readonly proc: Process;
  readonly output: string;
  readonly exitCode: number | undefined;
}

/** How a program is started. */
export interface RunOptions {
  readonly stdin?: string;
  readonly uid?: number;
  readonly tty?: boolean;
}

/** Two machines, a at 10.0.0.1 and b at 10.0.0.2, with a cable between their eth0. */
export class TwoMachines {
  readonly sim = new Simulator();
  readonly a: Machine;
  readonly b: Machine;

  constructor() {
    this.a = this.#machine('a', '10.0.0.1', 0x0200_0000_0001);
    this.b = this.#machine('b', '10.0.0.2', 0x0200_0000_0002);
    const ends = [this.a, this.b].map((m) => m.kernel.initNetns.devices.byName('eth0') as Nic);
    const cable = new Cable(this.sim, 'lan', ends[0] as Nic, ends[1] as Nic);
    for (const nic of ends) nic.plug(cable);
  }

  #machine(name: string, addr: string, mac: number): Machine {
    const machine = new Machine(this.sim, { name, packages: debianPackages });
    for (const pkg of machine.available.values()) machine.install(pkg);
    const netns = machine.kernel.initNetns;
    linkSet(netns, 1, { setFlags: IFF_UP });
    const nic = new Nic('eth0', mac as never);
    registerNetdevice(netns, nic);
    const local = parseIpv4(addr) as never;
    addrAdd(netns, { family: 'inet', ifindex: nic.ifindex, local, prefixLen: 24 }, {
      create: true,
      excl: true,
    } as never);
    linkSet(netns, nic.ifindex, { setFlags: IFF_UP });
    return machine;
  }

  /** Starts a command; the simulation must run for it to get anywhere. */
  start(machine: Machine, command: string, options: RunOptions = {}): Running {
    const argv = command.match(/'[^']*'|\S+/g)?.map((w) => w.replace(/^'(.*)'$/s, '$1')) ?? [];
    const sink = new Sink(options.tty ?? true);
    const fds = new Map<number, OpenFile>([
      [0, new Source(options.stdin ?? '')],
      [1, sink],
      [2, sink],
    ]);
    const uid = options.uid ?? 0;
    const proc = machine.startProcess(
      undefined,
      argv,
      async (p) => exec(p, findProgram(p, argv[0] as string) as string, argv),
      { fds, uid, newGroup: true },
    );
    return {
      proc,
      get output() {
        return sink.text;
      },
      get exitCode() {
        return proc.exitCode;
      },
    };
  }

  /** Runs a command to its end. @returns what it printed and its exit code */
  async run(machine: Machine, command: string, options: RunOptions = {}): Promise<Running> {
    const running = this.start(machine, command, options);
    await this.sim.run(this.sim.now + 3600 * SEC, () => running.proc.exitCode !== undefined);
    return running;
  }

  /** Lets time pass. */
  async pass(seconds: number): Promise<void> {
    await this.sim.run(this.sim.now + seconds * SEC);
  }
}
