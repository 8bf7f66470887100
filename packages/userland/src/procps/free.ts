import { SEC } from '@labwire/core/sim';
import { atoi, type GetoptTable, getopt, type LongOption, strtod } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

const long = (name: string, key = name, arg: LongOption['arg'] = 'no'): LongOption => ({
  name,
  key,
  arg,
});

const REFUSED = ['l', 'v'];

/** What free can be told. */
export const FREE_OPTIONS: GetoptTable = {
  letters: 'bkmghltvc:ws:V',
  longs: [
    long('bytes', 'b'),
    ...['kilo', 'mega', 'giga', 'tera', 'peta', 'tebi', 'pebi', 'si', 'help'].map((n) => long(n)),
    long('kibi', 'k'),
    long('mebi', 'm'),
    long('gibi', 'g'),
    long('human', 'h'),
    long('lohi', 'l'),
    long('total', 't'),
    long('committed', 'v'),
    long('seconds', 's', 'required'),
    long('count', 'c', 'required'),
    long('wide', 'w'),
    long('version', 'V'),
  ],
  usage: `
Usage:
 free [options]

Options:
 -b, --bytes  -k, --kibi  -m, --mebi  -g, --gibi  --tebi  --pebi
 --kilo  --mega  --giga  --tera  --peta  -h, --human  --si
 -t, --total  -s N, --seconds N  -c N, --count N  -w, --wide
 --help  -V, --version

For more details see free(1).
`,
  refused: REFUSED,
};

/** Bytes of each unit by its option. */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  tebi: 1024 ** 4,
  pebi: 1024 ** 5,
  kilo: 1000,
  mega: 1e6,
  giga: 1e9,
  tera: 1e12,
  peta: 1e15,
};

/** How amounts are shown. */
export interface Layout {
  /** Bytes; undefined for what fits. */
  readonly unit: number | undefined;
  readonly si: boolean;
  readonly wide: boolean;
  readonly total: boolean;
}

/** Kibibytes by their names. */
function readMemory(proc: Process): ReadonlyMap<string, number> {
  const lines = proc.fs.readText('/proc/meminfo').matchAll(/^(\w+): +(\d+) kB$/gm);
  return new Map([...lines].map(([, name = '', kb]) => [name, Number(kb)]));
}

/** An amount of kibibytes. Source: procps src/free.c, scale_size() */
function scale(kb: number, { unit, si }: Layout): string {
  const bytes = kb * 1024;
  if (unit !== undefined) return String(Math.floor(bytes / unit));
  const base = si ? 1000 : 1024;
  let power = 0;
  while (power < 5 && bytes >= base ** (power + 1)) power++;
  const amount = bytes / base ** power;
  if (power === 0) return `${bytes}B`;
  const suffix = `${'BKMGTP'[power]}${si ? '' : 'i'}`;
  return `${amount < 9.95 ? amount.toFixed(1) : Math.floor(amount)}${suffix}`;
}

function row(label: string, amounts: readonly number[], layout: Layout): string {
  const [first = 0, ...rest] = amounts;
  const cells = rest.map((n) => ` ${scale(n, layout).padStart(11)}`);
  return `${label.padEnd(9)}${scale(first, layout).padStart(11)}${cells.join('')}\n`;
}

/** The table of what /proc/meminfo tells. */
export function table(memory: ReadonlyMap<string, number>, layout: Layout): string {
  const of = (name: string): number => memory.get(name) ?? 0;
  const total = of('MemTotal');
  const used = total - of('MemAvailable');
  const cache = of('Cached') + of('SReclaimable');
  const caches = layout.wide ? [of('Buffers'), cache] : [of('Buffers') + cache];
  const swap = [of('SwapTotal'), of('SwapTotal') - of('SwapFree'), of('SwapFree')];
  const main = [total, used, of('MemFree')];
  const titles = ['total', 'used', 'free', 'shared'];
  titles.push(...(layout.wide ? ['buffers', 'cache'] : ['buff/cache']), 'available');
  const head = `${' '.repeat(9)}${titles.map((t) => t.padStart(11)).join(' ')}\n`;
  const all = [...main, of('Shmem'), ...caches, of('MemAvailable')];
  const sum = main.map((n, i) => n + (swap[i] as number));
  const totals = layout.total ? row('Total:', sum, layout) : '';
  return head + row('Mem:', all, layout) + row('Swap:', swap, layout) + totals;
}

/** free(1). Source: procps 4.0.2, src/free.c */
export async function free(proc: Process): Promise<number> {
  const { options, error } = getopt(proc.argv.slice(1), FREE_OPTIONS.letters, FREE_OPTIONS.longs);
  if (error !== undefined) {
    await proc.err(`free: ${error}\n${FREE_OPTIONS.usage}`);
    return 1;
  }
  const given = new Map(options.map((o) => [o.opt, o.arg ?? '']));
  const refused = REFUSED.find((o) => given.has(o));
  if (refused !== undefined) {
    await proc.err(`free: -${refused} is not supported by Labwire; free --help lists what is\n`);
    return 1;
  }
  if (given.has('help') || given.has('V')) {
    await proc.out(given.has('V') ? 'free from procps-ng 4.0.2\n' : (FREE_OPTIONS.usage ?? ''));
    return 0;
  }
  const unit = options
    .map((o) => UNITS[o.opt])
    .filter((u) => u !== undefined)
    .at(-1);
  const layout: Layout = {
    unit: given.has('h') ? undefined : (unit ?? 1024),
    si: given.has('si'),
    wide: given.has('w'),
    total: given.has('t'),
  };
  const pause = given.has('s') ? strtod(given.get('s') ?? '').value * SEC : 0;
  let left = given.has('c') ? atoi(given.get('c') ?? '') : given.has('s') ? Infinity : 1;
  for (;;) {
    await proc.out(table(readMemory(proc), layout));
    if (--left <= 0) return 0;
    await proc.out('\n');
    await proc.sleep(pause === 0 ? SEC : pause);
  }
}
