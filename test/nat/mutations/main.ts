// Breaks the product in many small ways and asks whether the law book notices: `npm run nat-mutations [-- WORD…]`.
import { fileURLToPath } from 'node:url';
import { LAWS } from '@labwire/scenarios/properties';
import { type Mutation, type Pair, pairsOf } from './mutation.ts';
import { Scratch } from './scratch.ts';
import { MUTATIONS } from './table.ts';

const AT_ONCE = 2;
const keyOf = ({ law, subject }: Pair): string => `${law}, ${subject}`;

/** A row of the table, tried. */
interface Row {
  readonly mutation: Mutation;
  /** What must have changed and did, or did not. */
  readonly flipped: readonly Pair[];
  readonly lines: readonly string[];
  readonly ok: boolean;
}

async function tryRow(
  scratch: Scratch,
  mutation: Mutation,
  whole: ReadonlyMap<string, string>,
): Promise<Row> {
  const pairs = pairsOf(mutation);
  try {
    const broken = await scratch.broken(mutation, pairs);
    const lines = pairs.map((p, i) => {
      const before = whole.get(keyOf(p));
      const sign = before === broken[i] ? 'NOT flipped' : 'flipped';
      return `  ${sign}: ${keyOf(p)}: ${before} → ${broken[i]}`;
    });
    const flipped = pairs.filter((p, i) => whole.get(keyOf(p)) !== broken[i]);
    return { mutation, flipped, lines, ok: flipped.length === pairs.length };
  } catch (e) {
    return { mutation, flipped: [], lines: [`  NOT flipped: ${(e as Error).message}`], ok: false };
  }
}

async function main(words: readonly string[]): Promise<void> {
  const chosen = MUTATIONS.filter(
    (m) =>
      words.length === 0 || words.some((w) => `${m.name} ${pairsOf(m).map(keyOf)}`.includes(w)),
  );
  const pairs = [...new Map(chosen.flatMap(pairsOf).map((p) => [keyOf(p), p])).values()];
  const scratches = Array.from({ length: AT_ONCE }, () => new Scratch());
  try {
    const standings = await (scratches[0] as Scratch).standings(pairs);
    const whole = new Map(pairs.map((p, i) => [keyOf(p), standings[i] as string]));
    const rows: Row[] = [];
    let next = 0;
    const work = async (scratch: Scratch): Promise<void> => {
      for (let m = chosen[next++]; m !== undefined; m = chosen[next++]) {
        const row = await tryRow(scratch, m, whole);
        rows.push(row);
        console.log([`${row.ok ? 'flipped' : 'NOT flipped'}: ${m.name}`, ...row.lines].join('\n'));
      }
    };
    await Promise.all(scratches.map(work));
    report(rows, words.length === 0);
  } finally {
    for (const scratch of scratches) scratch.remove();
  }
}

function report(rows: readonly Row[], all: boolean): void {
  const flipped = new Set(rows.flatMap((r) => r.flipped.map((p) => p.law)));
  const bad = rows.filter((r) => !r.ok).length;
  console.log(
    `${rows.length} rows, ${bad} not flipped; ${flipped.size} of ${LAWS.length} laws flipped`,
  );
  const rest = LAWS.filter((l) => !flipped.has(l.id)).map((l) => l.id);
  if (all && rest.length > 0) console.log(`flipped by no row: ${rest.join(', ')}`);
  if (bad > 0 || (all && rest.length > 0)) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
