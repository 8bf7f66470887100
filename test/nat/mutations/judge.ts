// Runs in a copy of the packages: prints how subjects stand to laws there, and what shows it.
import { examine, LAWS, type Law } from '../../../packages/scenarios/src/properties/index.ts';
import { counterexampleTo, FEWER_RUNS, shortfall } from './counterexample.ts';
import type { Judged, Pair } from './mutation.ts';

async function judge(pair: Pair, isBroken: boolean): Promise<Judged> {
  const { law, subject } = pair;
  const tried = LAWS.find((l) => l.id === law) as Law;
  const { standing, faults, belied } = await examine(tried, subject, {
    runs: FEWER_RUNS,
    shrink: false,
  });
  const notAsSaid = faults.find((f) => !f.startsWith('not so: '));
  return {
    standing,
    notAsSaid: notAsSaid ?? '',
    belied: belied.map((i) => i.text),
    counterexample: await (isBroken ? counterexampleTo(pair) : shortfall(pair)),
  };
}

const [pairs = '[]', state] = process.argv.slice(2);
const judged: Judged[] = [];
for (const pair of JSON.parse(pairs) as Pair[]) judged.push(await judge(pair, state === 'broken'));
console.log(JSON.stringify(judged));
