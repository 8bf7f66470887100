import type { Process } from '../../machine/index.ts';
import { READ_ONLY_SOCKET, SOCKET } from '../base/index.ts';
import { DomainDriver } from '../domain/index.ts';
import { NetworkDriver } from '../network/index.ts';
import { RequestQueue } from './request-queue.ts';

/** The directories that the daemon makes, with their permissions. */
const DIRECTORIES: readonly (readonly [path: string, mode: number])[] = [
  ['/run/libvirt', 0o755],
  ['/run/libvirt/hostdevmgr', 0o755],
  ['/run/libvirt/common', 0o700],
  ['/run/libvirt/interface', 0o700],
  ['/run/libvirt/nodedev', 0o700],
  ['/run/libvirt/nwfilter', 0o700],
  ['/run/libvirt/nwfilter-binding', 0o700],
  ['/run/libvirt/secrets', 0o700],
  ['/run/libvirt/storage', 0o755],
];
const SOCKETS: readonly string[] = [SOCKET, READ_ONLY_SOCKET];

/** The daemon of one machine: its drivers, and the queue of what clients ask of it. libvirt src/remote/remote_daemon.c */
export class Libvirtd {
  /** The process that everything is done in. */
  readonly proc: Process;
  readonly queue: RequestQueue = new RequestQueue();
  readonly networks: NetworkDriver;
  readonly domains: DomainDriver;

  constructor(proc: Process) {
    this.proc = proc;
    this.networks = new NetworkDriver(proc);
    this.domains = new DomainDriver(proc, this.networks);
  }

  /** Makes its directories and sockets; clients wait until it serves. */
  listen(): void {
    const { fs } = this.proc;
    for (const [path, mode] of DIRECTORIES) fs.mkdir(path, { recursive: true, mode });
    for (const path of SOCKETS) {
      if (fs.exists(path)) fs.unlink(path);
      fs.bindSocket(path, this);
    }
  }

  /** Reads what is defined and starts what is to start. virStateInitialize() */
  async start(): Promise<void> {
    await this.networks.start();
    await this.domains.start();
  }

  /** Answers nobody any more. What it runs goes on. */
  close(): void {
    this.queue.close();
    for (const path of this.#sockets()) this.proc.fs.closeSocket(path);
  }

  /** Takes its sockets' names away. */
  unlink(): void {
    for (const path of this.#sockets()) this.proc.fs.unlink(path);
  }

  #sockets(): string[] {
    const { fs } = this.proc;
    return SOCKETS.filter((path) => fs.exists(path) && fs.stat(path).type === 'socket');
  }
}
