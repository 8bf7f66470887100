// Runs in a copy of the packages: prints how subjects stand to laws there.
import { KernelError } from '../../../packages/core/src/error/index.ts';
import { examine, LAWS, type Law } from '../../../packages/scenarios/src/properties/index.ts';
import type { Pair } from './mutation.ts';

/** As many tries as the tests make. */
const RUNS = 10;

/** How a subject stands to a law; a break can also keep a law from being tried, by what then arrives untranslated. */
async function standingOf({ law, subject }: Pair): Promise<string> {
  const tried = LAWS.find((l) => l.id === law) as Law;
  try {
    const { standing, faults } = await examine(tried, subject, { runs: RUNS, shrink: false });
    return faults.length === 0 ? standing : `${standing}, not as the law says`;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    return `cannot be tried: ${e.message}`;
  }
}

const standings: string[] = [];
for (const pair of JSON.parse(process.argv[2] ?? '[]') as Pair[])
  standings.push(await standingOf(pair));
console.log(JSON.stringify(standings));
