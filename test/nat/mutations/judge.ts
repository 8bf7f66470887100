// Runs in a copy of the packages: prints how subjects stand to laws there.
import { examine, LAWS, type Law } from '../../../packages/scenarios/src/properties/index.ts';
import type { Judged, Pair } from './mutation.ts';

/** As many tries as the tests make. */
const RUNS = 10;

async function judge({ law, subject }: Pair): Promise<Judged> {
  const tried = LAWS.find((l) => l.id === law) as Law;
  const { standing, faults, belied } = await examine(tried, subject, { runs: RUNS, shrink: false });
  const notAsSaid = faults.find((f) => !f.startsWith('not so: '));
  return { standing, notAsSaid: notAsSaid ?? '', belied: belied.map((i) => i.text) };
}

const judged: Judged[] = [];
for (const pair of JSON.parse(process.argv[2] ?? '[]') as Pair[]) judged.push(await judge(pair));
console.log(JSON.stringify(judged));
