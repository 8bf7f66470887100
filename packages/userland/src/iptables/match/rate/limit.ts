import type { LimitMatch } from '@labwire/devices/netfilter';
import { parameterProblem } from '../../core/error.ts';
import { defineMatch, type MatchExtension } from '../../core/extension.ts';
import { parsePeriod, periodText } from './period.ts';

/** Parts of a second in which a packet's cost is counted. XT_LIMIT_SCALE */
const SCALE = 10_000;
const DEFAULT_BURST = 5;
const MAX_BURST = 10_000;

type State = { -readonly [K in keyof LimitMatch]: LimitMatch[K] };

/** `-m limit`. extensions/libxt_limit.c */
export const limit: MatchExtension = defineMatch<LimitMatch, State>({
  name: 'limit',
  kinds: ['limit'],
  options: [
    { name: 'limit', type: 'string' },
    { name: 'limit-burst', type: 'uint32', max: MAX_BURST },
  ],
  init: () => ({ kind: 'limit', avg: (SCALE * 3600) / 3, burst: DEFAULT_BURST }),
  parse({ name, value }, state) {
    if (name === 'limit-burst') state.burst = value.num || DEFAULT_BURST;
    else {
      const period = parsePeriod(value.text, SCALE);
      if (period === undefined) throw parameterProblem(`bad rate "${value.text}"'`);
      state.avg = period.cost;
    }
  },
  finish: (state) => state,
  print: (m) => ` limit: avg ${periodText(m.avg, SCALE).text} burst ${m.burst}`,
  save: (m) =>
    ` --limit ${periodText(m.avg, SCALE).text}` +
    (m.burst === DEFAULT_BURST ? '' : ` --limit-burst ${m.burst}`),
});
