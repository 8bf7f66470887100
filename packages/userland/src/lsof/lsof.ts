import type { SockAddr, SockInfo } from '@labwire/devices/sock';
import { formatUnixName, UnixSocket } from '@labwire/devices/unix';
import { userNames } from '../base/index.ts';
import {
  formatInet,
  inetSockets,
  type OpenSocket,
  openSockets,
  serviceByPort,
} from '../libc-net/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { reverse } from '../resolver/index.ts';
import { type InetFilter, parseInetFilter } from './address.ts';
import { LsofError } from './lsof-error.ts';
import { type Choice, type LsofOptions, readLsofOptions, STATE_NAMES } from './options.ts';
import { LSOF_USAGE } from './usage.ts';

/** Most characters of a command. CMDL */
const COMMAND_WIDTH = 9;
const FD_WIDTH = 4;
const HEADS = ['COMMAND', 'PID', 'USER', 'FD  ', 'TYPE', 'DEVICE', 'SIZE/OFF', 'NODE', 'NAME'];
const UNIX_STATES: Readonly<Record<string, string>> = {
  listen: 'LISTEN',
  established: 'CONNECTED',
};

/** lsof(8) for sockets. */
export const lsof: Program = async (proc) => {
  try {
    const options = readLsofOptions(proc.argv.slice(1));
    refuseOtherFiles(options);
    const filters: InetFilter[] = [];
    for (const text of options.inet) filters.push(await parseInetFilter(proc, text));
    return await new Listing(proc, options, filters).run();
  } catch (e) {
    if (!(e instanceof LsofError)) throw e;
    await proc.err(`lsof: ${e.message}\n${e.usage ? LSOF_USAGE : ''}`);
    return 1;
  }
};

function refuseOtherFiles({ and, inet, unix, pids, users, commands }: LsofOptions): void {
  const selects = [pids, users, commands].some((c) => c.wanted.length > 0);
  const sockets = inet.length > 0 || unix;
  if (and && !selects && !sockets) throw new LsofError('no select options to AND via -a');
  if (!sockets) throw new LsofError('only sockets are supported here: give -i or -U', false);
  if (selects && !and)
    throw new LsofError('only sockets are supported here: give -a with -p, -c and -u', false);
}

class Listing {
  readonly #proc: Process;
  readonly #o: LsofOptions;
  readonly #filters: readonly InetFilter[];

  constructor(proc: Process, options: LsofOptions, filters: readonly InetFilter[]) {
    this.#proc = proc;
    this.#o = options;
    this.#filters = filters;
  }

  async run(): Promise<number> {
    const { terse, quiet } = this.#o;
    const infos = inetSockets(this.#proc);
    const found = openSockets(this.#proc).filter(
      (open) => this.#isChosen(open.proc) && this.#isShown(open, infos.get(open.socket)),
    );
    if (found.length === 0) return quiet ? 0 : 1;
    if (terse) {
      const pids = new Set(found.map((f) => f.proc.pid));
      await this.#proc.out([...pids].map((pid) => `${pid}\n`).join(''));
      return 0;
    }
    const rows: string[][] = [];
    for (const open of found) rows.push(await this.#row(open, infos.get(open.socket)));
    await this.#proc.out(table(rows));
    return 0;
  }

  #isChosen(p: Process): boolean {
    const { pids, users, commands } = this.#o;
    const user = userNames(this.#proc.fs).user(p.uid);
    return (
      passes(pids, (pid) => pid === String(p.pid)) &&
      passes(users, (name) => name === user || name === String(p.uid)) &&
      passes(commands, (start) => p.comm.startsWith(start))
    );
  }

  #isShown({ socket }: OpenSocket, info: SockInfo | undefined): boolean {
    const { and, inet, unix, states } = this.#o;
    if (and && unix && inet.length > 0) return false;
    if (socket instanceof UnixSocket) return unix;
    if (info === undefined || !this.#filters.some((f) => f(info))) return false;
    return info.netid !== 'tcp' || passes(states, (name) => name === STATE_NAMES[info.state]);
  }

  async #row({ proc, fd, socket }: OpenSocket, info: SockInfo | undefined): Promise<string[]> {
    const user = this.#o.numericUsers
      ? String(proc.uid)
      : userNames(this.#proc.fs).user(proc.uid).slice(0, 8);
    const head = [proc.comm.slice(0, COMMAND_WIDTH), String(proc.pid), user];
    const descriptor = `${String(fd).padStart(FD_WIDTH)}u `;
    if (info !== undefined) {
      const type = info.family === 'inet' ? 'IPv4' : 'IPv6';
      const name = await this.#inetName(info);
      return [...head, descriptor, type, String(info.ino), '0t0', info.netid.toUpperCase(), name];
    }
    const { ino } = socket as UnixSocket;
    const pointer = (Math.imul(ino, 0x9e3779b1) >>> 0).toString(16).padStart(16, '0');
    return [
      ...head,
      descriptor,
      'unix',
      `0x${pointer}`,
      '0t0',
      String(ino),
      unixName(socket as UnixSocket),
    ];
  }

  async #inetName(info: SockInfo): Promise<string> {
    const local = await this.#end(info, info.local);
    const remote = info.remote.port === 0 ? '' : `->${await this.#end(info, info.remote)}`;
    return `${local}${remote} ${info.netid === 'tcp' ? `(${STATE_NAMES[info.state]})` : ''}`;
  }

  async #end({ netid }: SockInfo, { addr, port }: SockAddr): Promise<string> {
    const service =
      port === 0
        ? '*'
        : this.#o.numericPorts
          ? undefined
          : serviceByPort(this.#proc.fs, port, netid)?.name;
    const text = formatInet(addr).replace(/^::ffff:(?=[\d.]+$)/, '');
    const isAny = text === '0.0.0.0' || text === '::';
    const name =
      isAny || this.#o.numericHosts ? undefined : (await reverse(this.#proc, addr))?.name;
    const numeric = text.includes(':') ? `[${text}]` : text;
    return `${isAny ? '*' : (name ?? numeric)}:${service ?? port}`;
  }
}

function passes({ wanted, unwanted }: Choice, is: (item: string) => boolean): boolean {
  return (wanted.length === 0 || wanted.some(is)) && !unwanted.some(is);
}

function unixName({ name, type, state }: UnixSocket): string {
  const words = [`type=${type.toUpperCase()}`, `(${UNIX_STATES[state] ?? 'UNCONNECTED'})`];
  if (name !== undefined) words.unshift(formatUnixName(name));
  return words.join(' ');
}

/** Columns as wide as their widest; the command's to the left. lsof print.c, print_file() */
function table(rows: readonly string[][]): string {
  const all = [HEADS, ...rows];
  const widths = HEADS.map((_, i) => Math.max(...all.map((r) => (r[i] as string).length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => {
          const width = widths[i] as number;
          return i === 0 ? cell.padEnd(width) : i === row.length - 1 ? cell : cell.padStart(width);
        })
        .join(' '),
    )
    .map((line) => `${line}\n`)
    .join('');
}
