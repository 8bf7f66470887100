// The smallest tries that show something, and what they are worth as labs.
import * as wholeLabs from '@labwire/scenarios/lab';
import * as wholeLaws from '@labwire/scenarios/properties';
import fc from 'fast-check';
import * as brokenLabs from '../../../packages/scenarios/src/lab/index.ts';
import * as brokenLaws from '../../../packages/scenarios/src/properties/index.ts';
import type { Counterexample, Pair } from './mutation.ts';

type Product = {
  readonly laws: typeof wholeLaws;
  readonly labs: typeof wholeLabs;
};
const WHOLE: Product = { laws: wholeLaws, labs: wholeLabs };
/** Where this runs, beside packages that are broken. */
const BROKEN: Product = { laws: brokenLaws, labs: brokenLabs };

/** Tries until one is found: more than the tests make, since any would do. */
const RUNS = 60;
/** As many tries as the tests make. */
export const FEWER_RUNS = 10;

/** Plays one try of a law. Its checks are all that the law says of it. */
async function attempt(
  { laws }: Product,
  { law: id, subject }: Pair,
  chance: wholeLaws.Chance,
): Promise<wholeLaws.Outcome> {
  const law = laws.LAWS.find((l) => l.id === id) as wholeLaws.Law;
  const t = new laws.Try(subject, law.proto, chance);
  const outcome = await laws.attempt(law, t);
  return { ...outcome, checks: laws.saidOf(law, t, outcome) };
}

const isAsSaid = (o: wholeLaws.Outcome): boolean => o.checks.every(wholeLaws.isMet);

/** Looks for it, and runs its lab. @returns undefined if whatever was tried came out as the law says */
export async function counterexampleTo(pair: Pair): Promise<Counterexample | undefined> {
  const property = fc.asyncProperty(brokenLaws.chance, async (c) =>
    isAsSaid(await attempt(BROKEN, pair, c)),
  );
  const { counterexample } = await fc.check(property, { numRuns: RUNS, seed: 1 });
  const chance = counterexample?.[0];
  if (chance === undefined) return undefined;
  const here = await attempt(BROKEN, pair, chance);
  return { packets: packetsOf(here), wrong: await wrongWith(pair, chance, here) };
}

/** The try in which a product that is not broken does not do what a law asks, and its lab's run. */
export async function shortfall({ law: id, subject }: Pair): Promise<Counterexample | undefined> {
  const law = brokenLaws.LAWS.find((l) => l.id === id) as wholeLaws.Law;
  const { counterexample: found } = await brokenLaws.examine(law, subject, { runs: FEWER_RUNS });
  if (found === undefined) return undefined;
  const text = brokenLaws.printLab(found, textsOf({ law: id, subject }));
  return { packets: packetsOf(found), wrong: await unlike(BROKEN, text, found) };
}

const packetsOf = ({ trace }: wholeLaws.Outcome): number =>
  trace.steps.reduce((n, s) => n + s.sent.length, 0);

async function wrongWith(
  pair: Pair,
  chance: wholeLaws.Chance,
  here: wholeLaws.Outcome,
): Promise<string[]> {
  const there = await attempt(WHOLE, pair, chance);
  if (!isAsSaid(there)) return [`the whole product: ${wholeLaws.describe(there.checks)}`];
  const sound = wholeLaws.printLab(there, textsOf(pair));
  return [
    ...(await unlike(BROKEN, brokenLaws.printLab(here, textsOf(pair)), here)),
    ...(await unlike(WHOLE, sound, there)),
    ...(isOnlyCounted(here) || (await verdicts(BROKEN, sound)).includes(false)
      ? []
      : ['the lab of what should be holds in the broken product, too']),
  ];
}

/** What the router's programs get is counted by rules, which do not look at payloads: tcpdump sees it before it is translated. */
const isOnlyCounted = (o: wholeLaws.Outcome): boolean =>
  o.checks.every((c) => wholeLaws.isMet(c) || (c.machine === 'nat' && c.packet !== undefined));

const textsOf = ({ law, subject }: Pair): wholeLaws.LabTexts => ({
  title: `${law}, ${subject}`,
  about: [],
});

/** What becomes of a lab's expectations. */
async function verdicts({ labs }: Product, text: string): Promise<(boolean | null)[]> {
  const { commands, error } = await labs.runLab(labs.loadLab({ file: 'lab.md', text }));
  if (error !== undefined) return [null];
  return commands.flatMap((c) => (c.match === null ? (c.failed ? [null] : []) : [c.match]));
}

/** Where a lab does not come out as the try did that it tells of. */
async function unlike(product: Product, text: string, o: wholeLaws.Outcome): Promise<string[]> {
  const wanted = o.checks.map(wholeLaws.isMet);
  const got = await verdicts(product, text);
  if (String(got) === String(wanted)) return [];
  const whose = product === WHOLE ? 'whole' : 'broken';
  return [`its lab in the ${whose} product: ${got} in place of ${wanted}`];
}
