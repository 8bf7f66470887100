import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** What /etc/resolv.conf says. resolv.conf(5) */
export interface ResolvConf {
  /** At most three; the loopback if the file names none. */
  readonly nameservers: readonly InetAddr[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Seconds. */
  readonly timeout: number;
  readonly attempts: number;
  readonly useVc: boolean;
  readonly rotate: boolean;
  /** Questions tell that longer answers are welcome. */
  readonly edns0: boolean;
  readonly noAaaa: boolean;
}

/** MAXNS */
const MAX_SERVERS = 3;
const LOOPBACK = parseInet('127.0.0.1') as InetAddr;

interface Draft {
  nameservers: InetAddr[];
  search: string[];
  options: Map<string, string>;
}

function readOptions({ options }: Draft, words: readonly string[]): void {
  for (const word of words) {
    const [name = '', value = ''] = word.split(':');
    options.set(name, value);
  }
}

function readLine(draft: Draft, line: string): void {
  if (/^[#;]/.test(line)) return;
  const [key, ...words] = line.trim().split(/\s+/);
  switch (key) {
    case 'nameserver': {
      const addr = parseInet((words[0] ?? '').replace(/%.*/, ''));
      if (addr !== undefined && draft.nameservers.length < MAX_SERVERS)
        draft.nameservers.push(addr);
      break;
    }
    case 'domain':
      draft.search = words.slice(0, 1);
      break;
    case 'search':
      draft.search = words;
      break;
    case 'options':
      readOptions(draft, words);
      break;
    default:
  }
}

function bounded(text: string | undefined, fallback: number, max: number): number {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? fallback : Math.min(value, max);
}

/** Words of a variable of the environment. */
function wordsOf(proc: Process, name: string): string[] | undefined {
  return proc.env
    .get(name)
    ?.split(/\s+/)
    .filter((w) => w !== '');
}

/** Reads /etc/resolv.conf as this mount namespace shows it, with LOCALDOMAIN and RES_OPTIONS of the environment. */
export function readResolvConf(proc: Process): ResolvConf {
  const { fs } = proc;
  const draft: Draft = { nameservers: [], search: [], options: new Map() };
  const text = fs.exists('/etc/resolv.conf') ? fs.readText('/etc/resolv.conf') : '';
  for (const line of text.split('\n')) readLine(draft, line);
  draft.search = wordsOf(proc, 'LOCALDOMAIN') ?? draft.search;
  readOptions(draft, wordsOf(proc, 'RES_OPTIONS') ?? []);
  return {
    nameservers: draft.nameservers.length > 0 ? draft.nameservers : [LOOPBACK],
    search: draft.search,
    ndots: bounded(draft.options.get('ndots'), 1, 15),
    timeout: bounded(draft.options.get('timeout'), 5, 30),
    attempts: bounded(draft.options.get('attempts'), 2, 5),
    useVc: draft.options.has('use-vc'),
    rotate: draft.options.has('rotate'),
    edns0: draft.options.has('edns0'),
    noAaaa: draft.options.has('no-aaaa'),
  };
}
