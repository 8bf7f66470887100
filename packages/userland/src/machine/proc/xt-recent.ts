import { formatIpv4, type Ipv6Addr, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { Nanos } from '@labwire/core/sim';
import {
  type RecentEntry,
  type RecentTable,
  recentAddr,
  recentKey,
} from '@labwire/devices/netfilter';
import type { VirtualDir, VirtualFile } from '../fs/index.ts';

/** INITIAL_JIFFIES of a kernel with ticks of 4 ms: the counter passes 2^32 five minutes after boot. */
const INITIAL_JIFFIES = 2 ** 32 - 300 * 250;
const JIFFY = 4e6;

const jiffies = (t: Nanos): number => INITIAL_JIFFIES + Math.floor(t / JIFFY);

function address(k: string): string {
  const a = recentAddr(k);
  return typeof a === 'number' ? formatIpv4(a) : inFull(a);
}

/** Eight groups of four digits. `%pI6` */
function inFull({ w0, w1, w2, w3 }: Ipv6Addr): string {
  const digits = [w0, w1, w2, w3].map((w) => (w >>> 0).toString(16).padStart(8, '0')).join('');
  return (digits.match(/.{4}/g) as string[]).join(':');
}

/** Linux net/netfilter/xt_recent.c, recent_seq_show() */
function line(k: string, { ttl, index, stamps }: RecentEntry): string {
  const last = jiffies(stamps[index - 1] as Nanos);
  const all = stamps.map(jiffies).join(', ');
  return `src=${address(k)} ttl: ${ttl} last_seen: ${last} oldest_pkt: ${index} ${all}\n`;
}

/** `+ADDR`, `-ADDR` or `/`, which forgets all. Linux net/netfilter/xt_recent.c, recent_mt_proc_write() */
function write(table: RecentTable, text: string, now: Nanos): void {
  const command = text[0];
  if (command === '/') {
    table.entries.clear();
    return;
  }
  const word = text.slice(1).split('\n')[0] as string;
  const addr = word.includes(':') ? parseIpv6(word) : parseIpv4(word);
  if ((command !== '+' && command !== '-') || addr === undefined) throw new KernelError('EINVAL');
  const k = recentKey(addr);
  if (command === '+') table.see(k, 0, now);
  else table.entries.delete(k);
}

function fileOf(table: RecentTable): VirtualFile {
  return {
    read: () => [...table.entries].map(([k, e]) => line(k, e)).join(''),
    write: (text, { netns }) => write(table, text, netns.sim.now),
    mode: 0o644,
  };
}

/** /proc/net/xt_recent: a file for each `--name` that a rule has. */
export const PROC_NET_XT_RECENT: VirtualDir = {
  list: ({ netns }) => [...netns.netfilter.recent.keys()],
  lookup: (name, { netns }) => {
    const table = netns.netfilter.recent.get(name);
    return table === undefined ? undefined : fileOf(table);
  },
};
