import { IPV6_ANY, type Ipv4Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { POLLIN, type Pollable } from '@labwire/core/sim';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatDate } from '../../coreutils/index.ts';
import {
  closeSocket,
  EventLoop,
  familyOf,
  formatInet,
  installSocket,
  openTcp,
  SignalFlag,
  type Strand,
  type StreamSocket,
} from '../../libc-net/index.ts';
import { type Process, SIGHUP, SIGINT, SIGTERM } from '../../machine/index.ts';
import { gaiStrerror, resolve } from '../../resolver/index.ts';
import { Database } from '../sql/index.ts';
import { LocalEnd, type LocalListener } from './channel.ts';
import { readSettings } from './conf.ts';
import { HbaError, parseHba } from './hba.ts';
import { Session } from './session.ts';

const BACKLOG = 244;
const IPV4_ANY = 0 as Ipv4Addr;
/** Where the server logs, and where its pid is. */
export const LOG_FILE = '/var/log/postgresql/postgresql-15-main.log';
export const PID_FILE = '/var/run/postgresql/15-main.pid';

/** The databases of a cluster last as long as its data directory: the machine. */
const CLUSTERS = new WeakMap<object, Map<string, Database>>();

function databasesOf(proc: Process): Map<string, Database> {
  const known = CLUSTERS.get(proc.machine);
  if (known !== undefined) return known;
  const made = new Map([
    ['postgres', new Database()],
    ['template1', new Database()],
  ]);
  CLUSTERS.set(proc.machine, made);
  return made;
}

/** PostgreSQL's server. src/backend/postmaster/postmaster.c @deviation one process serves all sessions */
export class Postmaster {
  readonly #proc: Process;
  readonly #loop: EventLoop;
  readonly databases: Map<string, Database>;
  readonly roles: ReadonlySet<string> = new Set(['postgres']);
  settings: ReadonlyMap<string, string> = new Map();
  hba: ReturnType<typeof parseHba> = [];

  constructor(proc: Process) {
    this.#proc = proc;
    this.#loop = new EventLoop(proc);
    this.databases = databasesOf(proc);
  }

  get pid(): number {
    return this.#proc.pid;
  }

  random(): number {
    return this.#proc.machine.kernel.random.u32();
  }

  /** A user of the machine. */
  userName(uid: number): string {
    return this.#proc.machine.user(uid).name;
  }

  /** The time as SQL shows it. */
  timestamp(): string {
    return `${formatDate('%Y-%m-%d %H:%M:%S', this.#proc.machine.wallClock)}+00`;
  }

  /** Writes a line to the server's log. @param who `USER@DATABASE` */
  log(text: string, who = ''): void {
    const { fs, machine, pid } = this.#proc;
    const millis = String(Math.floor((machine.wallClock % 1) * 1000)).padStart(3, '0');
    const when = `${formatDate('%Y-%m-%d %H:%M:%S', machine.wallClock)}.${millis} UTC`;
    const line = `${when} [${pid}] ${who === '' ? '' : `${who} `}${text}\n`;
    const old = fs.exists(LOG_FILE) ? fs.readText(LOG_FILE) : '';
    fs.writeFile(LOG_FILE, old + line);
  }

  /** Reads the configuration, listens and serves until a signal ends it. @param ready called once clients can connect @returns the exit status */
  async run(ready: () => void): Promise<number> {
    this.settings = readSettings(this.#proc);
    if (!this.#readHba()) {
      this.log('FATAL:  could not load pg_hba.conf');
      return 1;
    }
    const stop = SignalFlag.catch(this.#proc, SIGTERM, SIGINT);
    const reload = SignalFlag.catch(this.#proc, SIGHUP);
    if (!(await this.#listen())) {
      this.log('FATAL:  could not create any TCP/IP sockets');
      return 1;
    }
    const socket = this.#listenLocal();
    this.log('LOG:  database system is ready to accept connections');
    this.#loop.add(untilRaised(stop));
    this.#loop.add(this.#reloads(reload));
    ready();
    while (!stop.raised) await this.#loop.turn();
    this.log('LOG:  database system is shut down');
    if (this.#proc.fs.exists(socket)) this.#proc.fs.unlink(socket);
    return 0;
  }

  #readHba(): boolean {
    const file = this.settings.get('hba_file') ?? '';
    try {
      this.hba = parseHba(this.#proc.fs.exists(file) ? this.#proc.fs.readText(file) : '', file);
      return true;
    } catch (e) {
      if (!(e instanceof HbaError)) throw e;
      this.log(`LOG:  ${e.message}`);
      return false;
    }
  }

  *#reloads(flag: SignalFlag): Strand {
    for (;;) {
      yield { on: flag, events: POLLIN };
      flag.raised = false;
      this.log('LOG:  received SIGHUP, reloading configuration files');
      const port = this.settings.get('port') ?? '5432';
      const listen = this.settings.get('listen_addresses') ?? '';
      // what needs a new socket stays until the next start
      this.settings = new Map([
        ...readSettings(this.#proc),
        ['port', port],
        ['listen_addresses', listen],
      ]);
      if (!this.#readHba()) this.log('LOG:  pg_hba.conf was not reloaded');
    }
  }

  async #listen(): Promise<boolean> {
    const port = Number(this.settings.get('port'));
    const words = (this.settings.get('listen_addresses') ?? '').split(',').map((w) => w.trim());
    let count = 0;
    for (const word of words.filter((w) => w !== ''))
      for (const addr of await this.#addresses(word)) if (this.#listenAt(addr, port)) count++;
    return count > 0 || words.every((w) => w === '');
  }

  async #addresses(word: string): Promise<readonly InetAddr[]> {
    if (word === '*') return [IPV4_ANY, IPV6_ANY];
    const found = await resolve(this.#proc, word);
    if (!('error' in found)) return found.addrs.map((a) => a.addr);
    const why = gaiStrerror(found.error);
    this.log(`LOG:  could not translate host name "${word}", service "5432" to address: ${why}`);
    return [];
  }

  #listenAt(addr: InetAddr, port: number): boolean {
    const sock = openTcp(this.#proc, familyOf(addr));
    const what = `${typeof addr === 'number' ? 'IPv4' : 'IPv6'} address "${formatInet(addr)}"`;
    try {
      sock.reuseAddr = true;
      if (typeof addr !== 'number') sock.v6only = true;
      sock.bind({ addr, port });
      sock.listen(BACKLOG);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      closeSocket(this.#proc, sock);
      this.log(`LOG:  could not bind ${what}: ${e.message}`);
      return false;
    }
    this.log(`LOG:  listening on ${what}, port ${port}`);
    this.#loop.add(this.#accept(sock));
    return true;
  }

  *#accept(listener: StreamSocket): Strand {
    for (;;) {
      const conn = listener.accept();
      if (conn === undefined) {
        yield { on: listener, events: POLLIN };
        continue;
      }
      installSocket(this.#proc, conn);
      this.#loop.add(this.#serve(conn));
    }
  }

  *#serve(conn: StreamSocket): Strand {
    const remote = conn.remoteAddr();
    const peer = {
      address: remote?.addr,
      port: remote?.port ?? 0,
      local: conn.localAddr()?.addr,
      uid: undefined,
    };
    yield* new Session(this, conn, peer).run();
    closeSocket(this.#proc, conn);
  }

  #listenLocal(): string {
    const { fs } = this.#proc;
    const dir = this.settings.get('unix_socket_directories') ?? '/var/run/postgresql';
    const path = `${dir}/.s.PGSQL.${this.settings.get('port')}`;
    const listener: LocalListener = {
      connect: (uid) => {
        const [client, server] = LocalEnd.pair();
        this.#loop.add(this.#serveLocal(server, uid));
        this.#poke.raise();
        return client;
      },
    };
    fs.mkdir(dir, { recursive: true });
    if (fs.exists(path)) fs.unlink(path);
    fs.bindSocket(path, listener, 0o777);
    this.#loop.add(this.#poked());
    this.log(`LOG:  listening on Unix socket "${path}"`);
    return path;
  }

  /** Wakes the loop for what clients have added to it. */
  readonly #poke = new SignalFlag();

  *#poked(): Strand {
    for (;;) {
      yield { on: this.#poke, events: POLLIN };
      this.#poke.raised = false;
    }
  }

  *#serveLocal(end: LocalEnd, uid: number): Strand {
    const peer = { address: undefined, port: 0, local: undefined, uid };
    yield* new Session(this, end, peer).run();
    end.close();
  }
}

function* untilRaised(on: Pollable): Strand {
  yield { on, events: POLLIN };
}
