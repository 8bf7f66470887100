import { parameterProblem } from '../../core/error.ts';
import { abbreviates } from '../format.ts';

const TYPED: readonly (readonly [string, number])[] = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86_400],
];
const PRINTED: readonly (readonly [string, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
];

/** The cost of one event at a rate like `3/hour`, in parts of a second, and the seconds that the rate is over. */
export interface Period {
  readonly cost: number;
  readonly seconds: number;
}

/** Reads a rate; undefined if it is none. `parse_rate()` @throws IptablesError */
export function parsePeriod(text: string, scale: number): Period | undefined {
  const slash = text.indexOf('/');
  const unit = slash < 0 ? 'second' : text.slice(slash + 1);
  const seconds = unit === '' ? undefined : TYPED.find(([name]) => abbreviates(unit, name))?.[1];
  const events = Number.parseInt(text, 10);
  if (seconds === undefined || !(events > 0)) return undefined;
  const cost = Math.floor((scale * seconds) / events);
  if (cost === 0) throw parameterProblem(`Rate too fast "${text}"`);
  return { cost, seconds };
}

/** A rate in the unit that suits it, and that unit's seconds. `print_rate()` */
export function periodText(
  cost: number,
  scale: number,
): { readonly text: string; readonly seconds: number } {
  if (cost === 0) return { text: 'inf', seconds: 0 };
  let i = 0;
  for (; i + 1 < PRINTED.length; i++) {
    const next = (PRINTED[i + 1] as readonly [string, number])[1] * scale;
    if (cost > next || Math.floor(next / cost) < next % cost) break;
  }
  const [name, seconds] = PRINTED[i] as readonly [string, number];
  return { text: `${Math.floor((seconds * scale) / cost)}/${name}`, seconds };
}
