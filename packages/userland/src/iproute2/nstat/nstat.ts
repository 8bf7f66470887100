import { type GetoptTable, getopt, type LongOption } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';
import { matchesPattern } from '../parse/index.ts';
import { type Counter, formatCounters, parseCounters, readCounters } from './counters.ts';

const USAGE = `Usage: nstat [OPTION] [ PATTERN [ PATTERN ] ]
   -h, --help          this message
   -a, --ignore        ignore history
   -d, --scan=SECS     sample every statistics every SECS
   -j, --json          format output in JSON
   -n, --nooutput      do history only
   -p, --pretty        pretty print
   -r, --reset         reset history
   -s, --noupdate      don't update history
   -t, --interval=SECS report average over the last SECS
   -V, --version       output version information
   -z, --zeros         show entries with zero activity
`;

const LONGS: readonly LongOption[] = [
  { name: 'help', arg: 'no', key: 'h' },
  { name: 'ignore', arg: 'no', key: 'a' },
  { name: 'scan', arg: 'required', key: 'd' },
  { name: 'nooutput', arg: 'no', key: 'n' },
  { name: 'json', arg: 'no', key: 'j' },
  { name: 'reset', arg: 'no', key: 'r' },
  { name: 'noupdate', arg: 'no', key: 's' },
  { name: 'pretty', arg: 'no', key: 'p' },
  { name: 'interval', arg: 'required', key: 't' },
  { name: 'version', arg: 'no', key: 'V' },
  { name: 'zeros', arg: 'no', key: 'z' },
];

/** What its command line may hold. */
export const NSTAT_OPTIONS: GetoptTable = {
  letters: 'h?vVzrnasd:t:jp',
  longs: LONGS,
  usage: USAGE,
  refused: ['d', 't'],
};

/** nstat(8): how far the kernel's counters have come since it was last asked. Source: iproute2 misc/nstat.c. */
export async function nstat(proc: Process): Promise<number> {
  const { options, operands, error } = getopt(
    proc.argv.slice(1),
    NSTAT_OPTIONS.letters,
    NSTAT_OPTIONS.longs,
  );
  const given = new Set(options.map((o) => o.opt));
  if (error !== undefined) await proc.err(`nstat: ${error}\n`);
  if (error !== undefined || given.has('h') || given.has('?')) {
    await proc.err(USAGE);
    return 255;
  }
  if (given.has('V') || given.has('v')) {
    await proc.out('nstat utility, iproute2-6.1.0\n');
    return 0;
  }
  if (given.has('d') || given.has('t')) {
    await proc.err(
      "nstat: '-d' and '-t' (the daemon and its averages) are not supported by Labwire; supported: -a -j -n -p -r -s -z\n",
    );
    return 255;
  }
  return report(proc, given, operands);
}

async function report(
  proc: Process,
  given: ReadonlySet<string>,
  patterns: readonly string[],
): Promise<number> {
  const { fs } = proc;
  const path = proc.env.get('NSTAT_HISTORY') ?? `/tmp/.nstat.u${proc.uid}`;
  const history =
    given.has('a') || given.has('r') || !fs.exists(path)
      ? new Map<string, number>()
      : parseCounters(fs.readText(path));
  const counters = readCounters(fs);
  const isShown = ({ id, value }: Counter) =>
    (given.has('z') || value !== 0) &&
    (patterns.length === 0 || patterns.some((p) => matchesPattern(p, id)));
  const shown = counters.map((c) => since(c, history)).filter(isShown);
  if (!given.has('n'))
    await proc.out(given.has('j') ? json(shown, given.has('p')) : formatCounters(shown));
  if (!given.has('s'))
    fs.writeFile(path, formatCounters(counters.filter((c) => c.value !== 0)), { mode: 0o600 });
  return 0;
}

function since({ id, value }: Counter, history: ReadonlyMap<string, number>): Counter {
  return { id, value: Math.max(0, value - (history.get(id) ?? 0)) };
}

function json(counters: readonly Counter[], pretty: boolean): string {
  const kernel = Object.fromEntries(counters.map(({ id, value }) => [id, value]));
  return `${JSON.stringify({ kernel }, undefined, pretty ? 4 : undefined)}\n`;
}
