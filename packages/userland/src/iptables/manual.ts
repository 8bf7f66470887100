import type { Family } from '@labwire/devices/rtnetlink';
import { type Manual, rowsOf } from '../machine/index.ts';
import { VERDICTS } from './core/chain-name.ts';
import { extensionSection, xtRows } from './core/manual.ts';
import { LONG_OPTIONS, SHORT_OPTIONS } from './core/options.ts';
import { TABLE_NAMES } from './core/parse-command.ts';
import { ABSENT_MATCHES, MATCHES } from './match/index.ts';
import { ABSENT_TARGETS, TARGETS } from './target/index.ts';

/** What iptables or ip6tables can be told, with the options of all its extensions. */
export function iptablesManual(family: Family): () => Manual {
  const fits = (e: { readonly family?: Family }) => (e.family ?? family) === family;
  const longs = LONG_OPTIONS.map(({ name, arg, letter }) => ({ name, arg, value: letter }));
  return () => [
    { title: 'Commands and options', rows: xtRows(SHORT_OPTIONS, longs, ['b']) },
    { title: 'Tables of -t', rows: rowsOf(TABLE_NAMES) },
    ...MATCHES.filter(fits).map((match) => extensionSection('-m', match)),
    { title: 'Other matches', rows: rowsOf(ABSENT_MATCHES, { refused: true }) },
    { title: 'Verdicts of -j', rows: rowsOf(VERDICTS) },
    ...TARGETS.filter(fits).map((target) => extensionSection('-j', target)),
    { title: 'Other targets', rows: rowsOf(ABSENT_TARGETS, { refused: true }) },
  ];
}
