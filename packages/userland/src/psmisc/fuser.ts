import type { SockInfo } from '@labwire/devices/sock';
import { userNames } from '../base/index.ts';
import {
  type GetoptTable,
  inetSockets,
  openSockets,
  parseInet,
  sameInet,
  serviceByName,
} from '../libc-net/index.ts';
import { type Process, type Program, SIGKILL, signalNumber } from '../machine/index.ts';
import { FUSER_USAGE, SIGNAL_NAMES } from './usage.ts';

type Protocol = 'tcp' | 'udp';

interface FuserOptions {
  verbose: boolean;
  silent: boolean;
  all: boolean;
  user: boolean;
  signal: number | undefined;
  families: Set<SockInfo['family']>;
  /** Names as they are shown, and what they ask for. */
  readonly names: { readonly text: string; readonly protocol: Protocol }[];
}

/** Columns of a name. */
const NAME_WIDTH = 20;

/** A complaint that ends the program. */
class FuserError extends Error {}

const usage = (message: string): FuserError => new FuserError(`${message}\n${FUSER_USAGE}`);

/** fuser(1) for sockets. Source: psmisc src/fuser.c */
export const fuser: Program = async (proc) => {
  try {
    const words = proc.argv.slice(1);
    if (words.includes('-l') || words.includes('--list-signals')) {
      await proc.out(SIGNAL_NAMES);
      return 0;
    }
    const options = readOptions(proc, words);
    const targets = options.names.map(({ text, protocol }) => ({
      shown: `${text}/${protocol}`,
      matches: matcher(proc, text, protocol, options.families),
    }));
    return await new Report(proc, options).run(targets);
  } catch (e) {
    if (!(e instanceof FuserError)) throw e;
    await proc.err(e.message);
    return 1;
  }
};

const LONGS: Readonly<Record<string, string>> = {
  all: 'a',
  kill: 'k',
  silent: 's',
  user: 'u',
  verbose: 'v',
  ipv4: '4',
  ipv6: '6',
  namespace: 'n',
  interactive: 'i',
  inode: 'I',
  mount: 'm',
  ismountpoint: 'M',
  writeonly: 'w',
  version: 'V',
};

function readOptions(proc: Process, words: readonly string[]): FuserOptions {
  const o: FuserOptions = {
    verbose: false,
    silent: false,
    all: false,
    user: false,
    signal: undefined,
    families: new Set(),
    names: [],
  };
  let kill = false;
  let signal = SIGKILL;
  let space: Protocol | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith('-') || word === '-') {
      o.names.push(named(proc, word, space));
      continue;
    }
    const letters = word.startsWith('--') ? [LONGS[word.slice(2)] ?? '-'] : [...word.slice(1)];
    for (const [at, letter] of letters.entries()) {
      if (/[A-Z0-9]/.test(letter) && !'46IMV'.includes(letter)) {
        signal = signalOf(word.slice(at + 1));
        break;
      }
      if (letter === 'k') kill = true;
      else if (letter === 'n') space = nameSpace(words[++i]);
      else flag(o, letter);
    }
  }
  if (kill) o.signal = signal;
  if (o.families.size === 0) o.families = new Set(['inet', 'inet6']);
  if (o.names.length === 0) throw usage('No process specification given');
  return o;
}

function signalOf(text: string): number {
  const number = signalNumber(text);
  if (number === undefined)
    throw new FuserError(`${text}: unknown signal; fuser -l lists signals.\n`);
  return number;
}

function nameSpace(text: string | undefined): Protocol {
  if (text === 'tcp' || text === 'udp') return text;
  if (text === 'file')
    throw new FuserError('fuser: -n file: not supported here; tcp and udp are\n');
  throw usage('Invalid namespace name');
}

/** Letters that turn something on. */
const FLAGS: Readonly<Record<string, (o: FuserOptions) => void>> = {
  v: (o) => void (o.verbose = true),
  s: (o) => void (o.silent = true),
  a: (o) => void (o.all = true),
  u: (o) => void (o.user = true),
  '4': (o) => void o.families.add('inet'),
  '6': (o) => void o.families.add('inet6'),
};
const REFUSED = 'cfIimMVw';

/** What fuser can be told. */
export const FUSER_OPTIONS: GetoptTable = {
  letters: `kn:l${Object.keys(FLAGS).join('')}${REFUSED}`,
  longs: Object.entries(LONGS).map(([name, key]) => ({
    name,
    key,
    arg: key === 'n' ? 'required' : 'no',
  })),
  usage: FUSER_USAGE,
  refused: REFUSED,
};

function flag(o: FuserOptions, letter: string): void {
  const act = Object.hasOwn(FLAGS, letter) ? FLAGS[letter] : undefined;
  if (act !== undefined) act(o);
  else if (REFUSED.includes(letter))
    throw new FuserError(`fuser: -${letter}: not supported here\n`);
  else throw usage(`fuser: Invalid option ${letter}`);
}

function named(
  proc: Process,
  word: string,
  space: Protocol | undefined,
): FuserOptions['names'][number] {
  if (space !== undefined) return { text: word, protocol: space };
  const m = /^([^/]+)\/(tcp|udp)$/.exec(word);
  if (m !== null && !m[1]?.includes(','))
    return { text: m[1] as string, protocol: m[2] as Protocol };
  if (!proc.fs.exists(proc.path(word)))
    throw new FuserError(`Specified filename ${word} does not exist.\n`);
  throw new FuserError(`fuser: ${word}: files are not supported here; N/tcp and N/udp are\n`);
}

/** Reads `[local_port][,[rmt_host][,[rmt_port]]]`. */
function matcher(
  proc: Process,
  text: string,
  protocol: Protocol,
  families: ReadonlySet<SockInfo['family']>,
): (info: SockInfo) => boolean {
  const [local = '', host = '', remote = ''] = text.split(',');
  const localPort = portOf(proc, local, protocol, 'local');
  const remotePort = portOf(proc, remote, protocol, 'remote');
  const addr = host === '' ? undefined : parseInet(host);
  if (host !== '' && addr === undefined)
    throw new FuserError(`fuser: ${host}: names of hosts are not supported here; addresses are\n`);
  return (info) =>
    info.netid === protocol &&
    families.has(info.family) &&
    (localPort === undefined || info.local.port === localPort) &&
    (remotePort === undefined || info.remote.port === remotePort) &&
    (addr === undefined || sameInet(info.remote.addr, addr));
}

function portOf(
  proc: Process,
  text: string,
  protocol: Protocol,
  which: string,
): number | undefined {
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const port = serviceByName(proc.fs, text, protocol)?.port;
  if (port === undefined)
    throw new FuserError(
      `Cannot resolve ${which} port ${text}: Servname not supported for ai_socktype\n`,
    );
  return port;
}

interface Target {
  readonly shown: string;
  readonly matches: (info: SockInfo) => boolean;
}

/** What is printed: names and columns on standard error, process IDs on standard output. */
class Report {
  readonly #proc: Process;
  readonly #o: FuserOptions;
  #hasHead = false;

  constructor(proc: Process, options: FuserOptions) {
    this.#proc = proc;
    this.#o = options;
  }

  async run(targets: readonly Target[]): Promise<number> {
    const infos = inetSockets(this.#proc);
    const open = openSockets(this.#proc);
    const users = targets.map(({ shown, matches }) => {
      const procs = open.filter(({ socket }) => {
        const info = infos.get(socket);
        return info !== undefined && matches(info);
      });
      return { shown, procs: [...new Set(procs.map((o) => o.proc))] };
    });
    for (const { shown, procs } of users) if (!this.#o.silent) await this.#target(shown, procs);
    const { signal } = this.#o;
    if (signal !== undefined)
      for (const p of users.flatMap((u) => u.procs)) if (p !== this.#proc) p.kill(signal);
    return users.some((u) => u.procs.length > 0) ? 0 : 1;
  }

  async #target(shown: string, procs: readonly Process[]): Promise<void> {
    const { verbose, all } = this.#o;
    if (procs.length === 0 && !all) return;
    if (verbose && !this.#hasHead)
      await this.#proc.err(`${' '.repeat(NAME_WIDTH + 1)}USER        PID ACCESS COMMAND\n`);
    this.#hasHead = true;
    if (procs.length === 0) {
      await this.#proc.err(`${shown}:\n`);
      return;
    }
    await this.#proc.err(`${shown}:`.padEnd(NAME_WIDTH));
    for (const [i, p] of procs.entries()) await this.#process(p, i === 0);
    if (!verbose) await this.#proc.err('\n');
  }

  async #process(p: Process, isFirst: boolean): Promise<void> {
    const { verbose, user } = this.#o;
    const name = userNames(this.#proc.fs).user(p.uid);
    if (verbose)
      await this.#proc.err(
        `${isFirst ? '' : ' '.repeat(NAME_WIDTH)} ${name.slice(0, 8).padEnd(8)} `,
      );
    await this.#proc.out(` ${String(p.pid).padStart(5)}`);
    if (verbose) await this.#proc.err(` F.... ${p.comm}\n`);
    else if (user) await this.#proc.err(`(${name})`);
  }
}
