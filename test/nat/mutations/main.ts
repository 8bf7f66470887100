// Breaks the product in many small ways and asks whether the law book notices: `npm run nat-mutations [-- WORD…]`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LAWS, SUBJECTS } from '@labwire/scenarios/properties';
import { type Judged, type Mutation, type Pair, pairsOf } from './mutation.ts';
import { changeOf, linesOf, mostPackets, PAGE, pageOf, type Row, wrongWith } from './noticed.ts';
import { Scratch } from './scratch.ts';
import { MUTATIONS } from './table.ts';

const AT_ONCE = 2;
const keyOf = ({ law, subject }: Pair): string => `${law}, ${subject}`;

const ALL: readonly Pair[] = LAWS.flatMap((l) =>
  SUBJECTS.filter((s) => l.notFor?.[s] === undefined).map((subject) => ({ law: l.id, subject })),
);

async function tryRow(
  scratch: Scratch,
  mutation: Mutation,
  whole: ReadonlyMap<string, Judged>,
): Promise<Row> {
  const pairs = pairsOf(mutation);
  try {
    const broken = await scratch.broken(mutation, pairs);
    const tries = pairs.map((pair, i) => ({
      ...pair,
      ...changeOf(whole.get(keyOf(pair)) as Judged, broken[i] as Judged),
    }));
    return { mutation, tries, error: undefined };
  } catch (e) {
    return { mutation, tries: [], error: (e as Error).message };
  }
}

function chosenBy(words: readonly string[]): readonly Mutation[] {
  return MUTATIONS.filter(
    (m) =>
      words.length === 0 || words.some((w) => `${m.name} ${pairsOf(m).map(keyOf)}`.includes(w)),
  );
}

async function main(args: readonly string[]): Promise<void> {
  const words = args.filter((a) => a !== '--write');
  const chosen = chosenBy(words);
  const some = [...new Map(chosen.flatMap(pairsOf).map((p) => [keyOf(p), p])).values()];
  const pairs = words.length === 0 ? ALL : some;
  const scratches = Array.from({ length: AT_ONCE }, () => new Scratch());
  const rows: Row[] = [];
  const whole = new Map<string, Judged>();
  try {
    const half = Math.ceil(pairs.length / AT_ONCE);
    const halves = scratches.map((s, i) => s.judge(pairs.slice(i * half, (i + 1) * half)));
    const judged = (await Promise.all(halves)).flat();
    for (const [i, pair] of pairs.entries()) whole.set(keyOf(pair), judged[i] as Judged);
    let next = 0;
    const work = async (scratch: Scratch): Promise<void> => {
      for (let m = chosen[next++]; m !== undefined; m = chosen[next++]) {
        const row = await tryRow(scratch, m, whole);
        rows.push(row);
        console.log(report(row).join('\n'));
      }
    };
    await Promise.all(scratches.map(work));
  } finally {
    for (const scratch of scratches) scratch.remove();
  }
  finish(rows, whole, words.length === 0, args.includes('--write'));
}

function report({ mutation, tries, error }: Row): string[] {
  const unnoticed = tries.filter((t) => !t.isNoticed);
  if (error !== undefined) return [`NOT tried: ${mutation.name}: ${error}`];
  return [
    `${unnoticed.length === 0 ? 'noticed' : 'NOT noticed'}: ${mutation.name}, ${mostPackets(tries)} packets`,
    ...unnoticed.map((t) => `  NOT noticed: ${keyOf(t)}: ${t.change}`),
    ...tries.flatMap((t) => notShown(keyOf(t), t)),
  ];
}

function notShown(what: string, { counterexample }: Pick<Judged, 'counterexample'>): string[] {
  return wrongWith(counterexample).map((w) => `  NOT shown: ${what}: ${w}`);
}

/** One line a law, in the order of the book whatever came first. */
function finish(
  rows: readonly Row[],
  whole: ReadonlyMap<string, Judged>,
  all: boolean,
  write: boolean,
): void {
  const order = MUTATIONS.map((m) => m.name);
  rows = [...rows].sort((a, b) => order.indexOf(a.mutation.name) - order.indexOf(b.mutation.name));
  const named = new Set(rows.flatMap((r) => pairsOf(r.mutation).map((p) => p.law)));
  const lines = linesOf(
    LAWS.filter((l) => all || named.has(l.id)),
    rows,
  );
  console.log(`\n${lines.map((l) => l.text).join('\n')}`);
  const bad = rows.filter((r) => r.error !== undefined || r.tries.some((t) => !t.isNoticed));
  const deaf = lines.filter((l) => !l.isNoticed);
  const tries = rows.flatMap((r) => r.tries);
  const short = [...whole].filter(([, j]) => j.counterexample !== undefined);
  const shortfalls = short.map(([, j]) => j);
  for (const line of short.flatMap(([key, j]) => notShown(key, j))) console.log(line);
  const unshown = [...tries, ...shortfalls].filter((t) => wrongWith(t.counterexample).length > 0);
  console.log(
    `${rows.length} breaks, ${bad.length} not noticed as they should be; ${lines.length - deaf.length} of ${lines.length} sayings noticed one\n` +
      `${tries.length} counterexamples of breaks, the largest of ${mostPackets(tries)} packets; ${shortfalls.length} without, the largest of ${mostPackets(shortfalls)}; ${unshown.length} not as they should be`,
  );
  if (write && all) writeFileSync(PAGE, pageOf(lines, rows, shortfalls));
  if (bad.length + unshown.length > 0 || (all && deaf.length > 0)) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
