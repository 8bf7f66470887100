import { xtRows } from '../iptables/index.ts';
import { type Manual, rowsOf } from '../machine/index.ts';
import { OWN_LONGS, SHORTS } from './command/index.ts';
import { EBT_MATCHES } from './match/index.ts';
import { EBT_TARGETS, VERDICTS } from './target/index.ts';

/** What ebtables can be told, with the options of all its matches and targets. */
export function ebtablesManual(): Manual {
  return [
    { title: 'Commands and options', rows: xtRows(SHORTS, OWN_LONGS, ['M', 'b']) },
    ...[...EBT_MATCHES, ...EBT_TARGETS].map(({ name, options }) => ({
      title: name,
      rows: options.map(({ names, flag }) => ({
        names: names.map((n) => `--${n}`),
        ...(flag === true ? {} : { arg: 'VALUE' }),
      })),
    })),
    { title: 'Verdicts of -j', rows: rowsOf(VERDICTS) },
  ];
}
