import type { FileSystem } from '../../machine/index.ts';

/** One counter: its name with its table's, and how far it has come. */
export interface Counter {
  readonly id: string;
  readonly value: number;
}

/** What stands in the tables and counts nothing. Source: iproute2 misc/nstat.c, useless_numbers[]. */
const USELESS: ReadonlySet<string> = new Set([
  ...['IpForwarding', 'IpDefaultTTL', 'TcpRtoAlgorithm', 'TcpRtoMin', 'TcpRtoMax'],
  ...['TcpMaxConn', 'TcpCurrEstab'],
]);

/** Tables of a line of names and a line of values each. Source: misc/nstat.c, load_ugly_table(). */
function readTables(fs: FileSystem, path: string): Counter[] {
  const lines = fs.exists(path) ? fs.readText(path).split('\n') : [];
  const counters: Counter[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [title = '', ...names] = (lines[at] as string).split(' ');
    const values = (lines[at + 1] as string).split(' ').slice(1);
    for (const [i, name] of names.entries()) {
      const id = `${title.replace(':', '')}${name}`;
      if (!USELESS.has(id)) counters.push({ id, value: Number(values[i]) });
    }
  }
  return counters;
}

/** All counters of the kernel. */
export function readCounters(fs: FileSystem): Counter[] {
  return [...readTables(fs, '/proc/net/snmp'), ...readTables(fs, '/proc/net/netstat')];
}

/** Counters as they are printed and kept: the rates need a daemon that runs. Source: misc/nstat.c, dump_kern_db(). */
export function formatCounters(counters: readonly Counter[]): string {
  const lines = counters.map(
    ({ id, value }) => `${id.padEnd(32)}${String(value).padEnd(16)}${'0.0'.padStart(6)}\n`,
  );
  return `#kernel\n${lines.join('')}`;
}

/** What {@link formatCounters} wrote: values by name. */
export function parseCounters(text: string): Map<string, number> {
  const lines = text.split('\n').filter((l) => l !== '' && !l.startsWith('#'));
  return new Map(
    lines.map((l) => {
      const [id = '', value] = l.split(/\s+/);
      return [id, Number(value)];
    }),
  );
}
