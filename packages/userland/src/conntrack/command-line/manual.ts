import { getoptRows } from '../../libc-net/index.ts';
import type { Manual } from '../../machine/index.ts';
import { LONG_OPTIONS, SHORT_OPTIONS } from './options.ts';
import { PROTOCOLS } from './protocols.ts';
import { usage } from './usage.ts';

/** What conntrack can be told: its options, and those that each protocol brings. */
export function conntrackManual(): Manual {
  const longs = LONG_OPTIONS.map(([name, arg, key]) => ({
    name,
    arg: arg === 'none' ? ('no' as const) : arg,
    key,
  }));
  // letters that nobody can type stand for long options
  const letters = SHORT_OPTIONS.replace(/[^\w:]:*/g, '');
  return [
    { title: 'Commands and options', rows: getoptRows({ letters, longs, usage: usage() }) },
    ...PROTOCOLS.map(({ name, options }) => ({
      title: `-p ${name}`,
      rows: options.map((o) => ({ names: o.longs.map((l) => `--${l}`), arg: 'VALUE' })),
    })),
  ];
}
