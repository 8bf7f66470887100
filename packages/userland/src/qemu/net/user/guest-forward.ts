import type { Ipv4Addr } from '@labwire/core/addr';
import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import type { StreamEnd } from '@labwire/devices/sock';
import type { TcpSocket } from '@labwire/devices/tcp';
import { SocketFile } from '../../../libc-net/index.ts';
import { exec, findProgram, type Process } from '../../../machine/index.ts';
import type { Chardev } from '../../chardev/index.ts';
import type { Pump } from './pump.ts';

/** What is behind an address of the guest's network: a program for each connection, or one character device for all. */
export type GuestTarget =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'chardev'; readonly dev: Chardev };

/** An address of the guest's network that leads elsewhere. */
export interface GuestForward {
  readonly addr: Ipv4Addr;
  readonly port: number;
  readonly target: GuestTarget;
}

const CHUNK = 65_536;

/** Starts a program with a connection as its standard input and output. @returns our end. slirp src/misc.c, fork_exec() */
export function runCommand(proc: Process, argv: readonly string[]): StreamEnd {
  const [ours, theirs] = proc.netns.unix.openPair('stream');
  const file = new SocketFile(theirs);
  const fds = new Map([0, 1, 2].map((fd) => [fd, file] as const));
  proc.spawn(argv, (child) => run(child, argv), { fds });
  return ours;
}

async function run(proc: Process, argv: readonly string[]): Promise<number> {
  const name = argv[0] ?? '';
  const path = findProgram(proc, name);
  try {
    if (path === undefined) throw new KernelError('ENOENT');
    return await exec(proc, path, argv);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const why = `Failed to execute child process “${name}” (${strerror(e.errno)})\n`;
    proc.fds.get(2)?.write(utf8Encode(why));
    return 1;
  }
}

/** One character device that all connections to an address share, as QEMU's do. net/slirp.c, guestfwd_write(), guestfwd_read() */
export class CharForward {
  readonly #dev: Chardev;
  readonly #pump: Pump;
  readonly #guests: TcpSocket[] = [];
  #rest: Uint8Array = new Uint8Array(0);

  constructor(dev: Chardev, pump: Pump) {
    this.#dev = dev;
    this.#pump = pump;
  }

  /** A connection of the guest's. */
  add(guest: TcpSocket): void {
    this.#guests.push(guest);
    this.#pump.watch(guest, () => this.#fromGuest(guest));
    const { peer } = this.#dev;
    if (peer === undefined || this.#guests.length > 1) return;
    this.#pump.unwatch(peer.input);
    this.#pump.watch(peer.input, () => this.#toGuest());
  }

  #fromGuest(guest: TcpSocket): void {
    try {
      for (let got = guest.recv(CHUNK); got !== undefined; got = guest.recv(CHUNK)) {
        if (got.data.length === 0) {
          this.#part(guest);
          return;
        }
        this.#dev.peer?.output.write(got.data);
      }
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      this.#part(guest);
    }
    this.#toGuest();
  }

  #part(guest: TcpSocket): void {
    this.#pump.unwatch(guest);
    this.#guests.splice(this.#guests.indexOf(guest), 1);
    guest.close();
  }

  /** What the device says goes to the first connection; without one it waits. */
  #toGuest(): void {
    const [guest] = this.#guests;
    const { peer } = this.#dev;
    if (guest === undefined || peer === undefined) return;
    try {
      for (;;) {
        if (this.#rest.length === 0) this.#rest = peer.input.read(CHUNK) ?? this.#rest;
        if (this.#rest.length === 0) return;
        const sent = guest.send(this.#rest);
        if (sent === undefined) return;
        this.#rest = this.#rest.subarray(sent);
      }
    } catch (e) {
      if (!(e instanceof KernelError)) throw e; // one of the two has gone
    }
  }
}
