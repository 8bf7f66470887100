import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet } from '../libc-net/index.ts';
import type { FileSystem } from '../machine/index.ts';

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
}

/** MAXNS */
const MAX_SERVERS = 3;
const LOOPBACK = parseInet('127.0.0.1') as InetAddr;

interface Draft {
  nameservers: InetAddr[];
  search: string[];
  options: Map<string, string>;
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
      for (const word of words) {
        const [name = '', value = ''] = word.split(':');
        draft.options.set(name, value);
      }
      break;
    default:
  }
}

function bounded(text: string | undefined, fallback: number, max: number): number {
  const value = Number.parseInt(text ?? '', 10);
  return Number.isNaN(value) ? fallback : Math.min(value, max);
}

/** Reads /etc/resolv.conf as this mount namespace shows it. */
export function readResolvConf(fs: FileSystem): ResolvConf {
  const draft: Draft = { nameservers: [], search: [], options: new Map() };
  const text = fs.exists('/etc/resolv.conf') ? fs.readText('/etc/resolv.conf') : '';
  for (const line of text.split('\n')) readLine(draft, line);
  return {
    nameservers: draft.nameservers.length > 0 ? draft.nameservers : [LOOPBACK],
    search: draft.search,
    ndots: bounded(draft.options.get('ndots'), 1, 15),
    timeout: bounded(draft.options.get('timeout'), 5, 30),
    attempts: bounded(draft.options.get('attempts'), 2, 5),
    useVc: draft.options.has('use-vc'),
    rotate: draft.options.has('rotate'),
  };
}
