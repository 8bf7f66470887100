import type { MacAddr } from '@labwire/core/addr';
import { utf8Decode, utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { POLLIN } from '@labwire/core/sim';
import { allocSkb, freeSkb } from '@labwire/core/skb';
import { IFF_NO_PI, IFF_TAP } from '@labwire/devices/link';
import type { UnixSocket } from '@labwire/devices/unix';
import {
  bindUnix,
  closeSocket,
  type GetoptTable,
  getopt,
  installSocket,
  type LongOption,
  openUnix,
  SignalFlag,
} from '../libc-net/index.ts';
import { openTun, type Process, SIGHUP, SIGINT, SIGTERM } from '../machine/index.ts';
import { DataSockets } from './data-socket.ts';
import { Management, VERSION_LINES } from './management.ts';
import { LearningSwitch } from './switch.ts';

const option = (name: string, key: string, arg: 'no' | 'required' = 'required'): LongOption => ({
  name,
  key,
  arg,
});
const LONGS: readonly LongOption[] = [
  option('help', 'h', 'no'),
  option('version', 'v', 'no'),
  option('numports', 'n'),
  option('hub', 'x', 'no'),
  option('fstp', 'F', 'no'),
  option('sock', 's'),
  option('vdesock', 's'),
  option('unix', 's'),
  option('mode', 'm'),
  option('group', 'g'),
  option('daemon', 'd', 'no'),
  option('pidfile', 'p'),
  option('rcfile', 'f'),
  option('mgmt', 'M'),
  option('tap', 't'),
];
/** Options that vde_switch 2.3.2 has and Labwire has not. */
const REFUSED: Readonly<Record<string, string>> = {
  F: 'the fast spanning tree (-F)',
  f: 'a file of commands (-f)',
  m: 'modes of sockets (-m)',
  g: 'groups of sockets (-g)',
  D: 'debug clients (-D)',
};
/** What its command line may hold. */
export const VDE_SWITCH_OPTIONS: GetoptTable = {
  letters: 'hvn:xFs:m:g:dp:f:M:D:t:',
  longs: LONGS,
  refused: Object.keys(REFUSED),
};

const DEFAULT_DIR = '/var/run/vde.ctl';
const PROMPT = 'vde$ ';
const CHUNK = 4096;

/** vde_switch says this and ends with 255. */
class SwitchError extends Error {}

/** Somebody at the management socket. */
interface Session {
  readonly sock: UnixSocket;
  rest: string;
}

/** vde_switch(1). vde2 2.3.2 */
export async function vdeSwitch(proc: Process): Promise<number> {
  const { options, error } = getopt(
    proc.argv.slice(1),
    VDE_SWITCH_OPTIONS.letters,
    VDE_SWITCH_OPTIONS.longs,
  );
  if (error !== undefined) await proc.err(`vde_switch: ${error}\n`);
  const given = new Map(options.map((o) => [o.opt, o.arg ?? '']));
  if (given.has('v')) {
    await proc.out('VDE 2.3.2\n');
    return 0;
  }
  if (given.has('h')) {
    await proc.out(
      'Usage: vde_switch [OPTIONS]\nRuns a VDE switch.\n-n -x -s -d -p -M -t -h -v are supported\n',
    );
    return 1;
  }
  const refused = Object.keys(REFUSED).find((key) => given.has(key));
  if (refused !== undefined) {
    await proc.err(`vde_switch: Labwire does not support ${REFUSED[refused]}\n`);
    return 1;
  }
  if (!given.has('d')) return guarded(proc, (p) => run(p, given, () => {}));
  const ready = new SignalFlag();
  const child = proc.machine.startProcess(
    proc,
    proc.argv,
    (p) => guarded(p, () => run(p, given, () => ready.raise())),
    { newGroup: true, cwd: proc.cwd },
  );
  const ended = { wq: child.endWq, poll: () => (child.exitCode === undefined ? 0 : POLLIN) };
  await proc.poll(
    [ready, ended].map((on) => ({ on, events: POLLIN })),
    undefined,
    'the switch',
  );
  return child.exitCode ?? 0;
}

async function guarded(proc: Process, work: (proc: Process) => Promise<number>): Promise<number> {
  try {
    return await work(proc);
  } catch (e) {
    if (!(e instanceof SwitchError)) throw e;
    await proc.err(`${e.message}\n`);
    return 255;
  }
}

async function run(
  proc: Process,
  given: ReadonlyMap<string, string>,
  onReady: () => void,
): Promise<number> {
  const started = proc.now;
  const lan = new LearningSwitch(Number(given.get('n') ?? 32), given.has('x'), () => proc.now);
  const dir = proc.path(given.get('s') ?? DEFAULT_DIR);
  const sockets = openSockets(proc, lan, dir);
  const mgmt = given.get('M') === undefined ? undefined : proc.path(given.get('M') as string);
  const mac = (0x00ff_0000_0000 + proc.machine.kernel.random.below(2 ** 32)) as MacAddr;
  const facts = { pid: proc.pid, mac, started, now: () => proc.now, ctl: dir, mgmt };
  const server = new Server(proc, sockets, new Management(lan, facts), mgmt);
  const tap = given.get('t');
  if (tap !== undefined) joinTap(proc, lan, tap);
  const pidFile = given.get('p') === undefined ? undefined : proc.path(given.get('p') as string);
  if (pidFile !== undefined) proc.fs.writeFile(pidFile, `${proc.pid}\n`);
  if (given.has('d')) {
    const nothing = proc.fs.open('/dev/null', { read: true, write: true });
    for (const fd of [0, 1, 2]) proc.setFd(fd, nothing);
  }
  onReady();
  try {
    return await server.run(!given.has('d'));
  } finally {
    server.close();
    if (pidFile !== undefined && proc.fs.exists(pidFile)) proc.fs.unlink(pidFile);
  }
}

function openSockets(proc: Process, lan: LearningSwitch, dir: string): DataSockets {
  try {
    return new DataSockets(proc, lan, dir);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new SwitchError(
      e.errno === 'EADDRINUSE'
        ? `vde_switch: Could not bind to socket '${dir}/ctl': ${strerror(e.errno)}\nvde_switch: Cleanup not removing files`
        : `Cannot create ctl directory '${dir}': ${strerror(e.errno)}`,
    );
  }
}

/** `-t`: the host is at the switch, too. vde2 src/vde_switch/tuntap.c */
function joinTap(proc: Process, lan: LearningSwitch, name: string): void {
  const { tun } = openTun(proc);
  try {
    tun.setIff(name, IFF_TAP | IFF_NO_PI, proc);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new SwitchError(`vde_switch: TUNSETIFF: ${strerror(e.errno)}`);
  }
  const port = lan.allocate(0);
  if (port === undefined) throw new SwitchError('vde_switch: no port is left for the tap');
  tun.backend = {
    transmit: (skb) => {
      lan.input(port, skb.buf.slice(skb.data, skb.tail));
      freeSkb(skb);
    },
    gone: () => {},
  };
  port.endpoints.push({
    id: lan.nextEndpoint(),
    module: 'tuntap',
    description: name,
    user: 'NONE',
    send: (frame) => {
      const skb = allocSkb(frame.length);
      skb.buf.set(frame, skb.put(frame.length));
      tun.send(skb);
    },
  });
}

/** What a running switch waits for: clients, its terminal, its managers, signals. */
class Server {
  readonly #proc: Process;
  readonly #sockets: DataSockets;
  readonly #management: Management;
  readonly #mgmt: UnixSocket | undefined;
  readonly #mgmtPath: string | undefined;
  readonly #sessions: Session[] = [];
  #stdin = '';
  #over = false;

  constructor(
    proc: Process,
    sockets: DataSockets,
    management: Management,
    mgmt: string | undefined,
  ) {
    this.#proc = proc;
    this.#sockets = sockets;
    this.#management = management;
    this.#mgmtPath = mgmt;
    this.#mgmt = mgmt === undefined ? undefined : this.#listen(mgmt);
  }

  #listen(path: string): UnixSocket {
    const sock = openUnix(this.#proc, 'stream');
    try {
      bindUnix(this.#proc, sock, { abstract: false, name: path });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      throw new SwitchError(`vde_switch: mgmt bind ${strerror(e.errno)}`);
    }
    this.#proc.fs.chmod(path, 0o600);
    sock.listen(15);
    return sock;
  }

  async run(hasTerminal: boolean): Promise<number> {
    const proc = this.#proc;
    const stop = SignalFlag.catch(proc, SIGINT, SIGTERM, SIGHUP);
    const stdin = hasTerminal ? proc.file(0) : undefined;
    while (!this.#over && !stop.raised) {
      const on = [stop, ...(stdin === undefined ? [] : [stdin]), ...this.#managers()];
      const waits = on.map((each) => ({ on: each, events: POLLIN }));
      await proc.poll([...waits, ...this.#sockets.waits], undefined, 'its clients');
      this.#sockets.serve();
      this.#serveManagers();
      const typed = stdin?.read(CHUNK);
      if (typed?.length === 0) {
        await proc.err('vde_switch: EOF on stdin, cleaning up and exiting\n');
        return 0;
      }
      if (typed !== undefined) await this.#typed(utf8Decode(typed));
    }
    return 0;
  }

  #managers(): UnixSocket[] {
    return [
      ...(this.#mgmt === undefined ? [] : [this.#mgmt]),
      ...this.#sessions.map((s) => s.sock),
    ];
  }

  async #typed(text: string): Promise<void> {
    this.#stdin += text;
    for (;;) {
      const end = this.#stdin.indexOf('\n');
      if (end < 0) return;
      const answer = this.#management.answer(this.#stdin.slice(0, end));
      this.#stdin = this.#stdin.slice(end + 1);
      if (answer === 'shutdown') {
        this.#over = true;
        await this.#proc.err('vde_switch: Shutdown from mgmt command\n');
        return;
      }
      if (answer !== 'logout') await this.#proc.out(answer);
    }
  }

  #serveManagers(): void {
    for (let s = this.#mgmt?.accept(); s !== undefined; s = this.#mgmt?.accept()) {
      installSocket(this.#proc, s);
      this.#sessions.push({ sock: s, rest: '' });
      s.send(utf8Encode(`${VERSION_LINES}${PROMPT}`));
    }
    for (const session of [...this.#sessions]) this.#serveManager(session);
  }

  #serveManager(session: Session): void {
    let data: Uint8Array | undefined;
    try {
      data = session.sock.recv(CHUNK)?.data;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      data = new Uint8Array(0);
    }
    if (data === undefined) return;
    if (data.length === 0) {
      this.#end(session);
      return;
    }
    const lines = (session.rest + utf8Decode(data)).split('\n');
    session.rest = lines.pop() ?? '';
    for (const line of lines) {
      const answer = this.#management.answer(line);
      if (answer === 'logout' || answer === 'shutdown') {
        say(session, '9999 END OF SESSION');
        this.#end(session);
        this.#over ||= answer === 'shutdown';
        return;
      }
      say(session, `${answer}\n${PROMPT}`);
    }
  }

  #end(session: Session): void {
    closeSocket(this.#proc, session.sock);
    this.#sessions.splice(this.#sessions.indexOf(session), 1);
  }

  close(): void {
    this.#sockets.close();
    const { fs } = this.#proc;
    if (this.#mgmtPath !== undefined && fs.exists(this.#mgmtPath)) fs.unlink(this.#mgmtPath);
  }
}

function say({ sock }: Session, text: string): void {
  try {
    sock.send(utf8Encode(text));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e; // he has gone
  }
}
