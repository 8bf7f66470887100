/** Tries a law on a subject, many times over, and tells how it stands to it. */
import fc from 'fast-check';
import { type Check, isMet } from './checks.ts';
import { type Chance, chance, type Instead, type Law, type Standing, Try } from './law.ts';
import type { OwnRules } from './own/index.ts';
import { OwnTry, silence } from './own/index.ts';
import type { Proto } from './packet.ts';
import { play } from './simulated.ts';
import type { Scenario } from './steps.ts';
import type { SubjectName } from './subject.ts';
import type { Trace } from './trace.ts';

/** How thoroughly a law is tried. */
export interface ExamineOptions {
  /** Tries. Default: 20. */
  readonly runs?: number;
  /** Of the tries. Default: 1. */
  readonly seed?: number;
  /** Whether what goes against the law is made as small as possible. Default: true. */
  readonly shrink?: boolean;
}

/** One try and what came of it. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly trace: Trace;
  /** What the requirement asks. */
  readonly checks: readonly Check[];
  /** What the law says that happens where the requirement is not met. */
  readonly instead: readonly Check[];
}

/** What was found out. */
export interface Finding {
  readonly law: Law;
  readonly subject: SubjectName;
  readonly standing: Standing;
  /** Why it is not applicable, or under which condition it is met. */
  readonly why: string | undefined;
  /** Tries that the requirement had something to say about. */
  readonly tried: number;
  /** A try that goes against the requirement, as small as it could be made. */
  readonly counterexample: Outcome | undefined;
  /** A try that accords with it. */
  readonly example: Outcome | undefined;
  /** What is wrong with the law itself: Linux does neither what is asked nor what the law says that it does instead. */
  readonly faults: readonly string[];
  /** What the law says that happens instead, where it was not so. */
  readonly belied: readonly Instead[];
}

/** Plays one try of a law, in a simulated network or in another one. */
export async function attempt(
  law: Law,
  t: Try,
  playOne: (scenario: Scenario) => Promise<Trace> = play,
): Promise<Outcome> {
  const scenario = t.scenario(law.steps(t), law.furnish?.(t));
  const trace = await playOne(scenario);
  const instead = insteadOf(law, t).flatMap((i) => i.judge(trace, t));
  return { scenario, trace, checks: law.judge(trace, t), instead };
}

function insteadOf(law: Law, t: Try): readonly Instead[] {
  return (law.instead ?? []).filter((i) => i.who.includes(t.subject));
}

const isViolated = (o: Outcome): boolean => !o.checks.every(isMet);

/** What laws are tried on: a way of translating with generated rules, or rules of one's own. */
export type Subject = SubjectName | OwnRules;

function tryOf(subject: Subject, proto: Proto, c: Chance): Try {
  return typeof subject === 'string' ? new Try(subject, proto, c) : new OwnTry(subject, proto, c);
}

/** Tries a law on a subject. */
export async function examine(
  law: Law,
  on: Subject,
  options: ExamineOptions = {},
): Promise<Finding> {
  const subject = typeof on === 'string' ? on : on.translation.kind;
  const why = typeof on === 'string' ? law.notFor?.[on] : silence(law, on);
  const nothing = {
    law,
    subject,
    tried: 0,
    counterexample: undefined,
    example: undefined,
    faults: [],
    belied: [],
  };
  if (why !== undefined) return { ...nothing, standing: 'not applicable', why };
  const { runs = 20, seed = 1, shrink = true } = options;
  const tries = fc.sample(chance, { numRuns: runs, seed }).map((c) => tryOf(on, law.proto, c));
  const seen = await Promise.all(tries.map(async (t) => ({ t, o: await attempt(law, t) })));
  if (typeof on !== 'string' && seen.every(({ o }) => o.checks.length === 0))
    return {
      ...nothing,
      standing: 'not applicable',
      why: 'nothing of it gets through these rules',
    };
  const exercised = seen.filter(({ o }) => o.checks.length > 0);
  const bad = exercised.filter(({ o }) => isViolated(o));
  const good = exercised.filter(({ o }) => !isViolated(o));
  const assured = exercised.filter(({ t }) => law.condition?.holds(t) === true);
  const standing: Standing =
    bad.length === 0 ? 'meets' : good.length > 0 && assured.length > 0 ? 'conditional' : 'does not';
  const first = bad[0];
  const smallest =
    first === undefined || !shrink ? first?.o : await shrunk(law, on, { runs, seed });
  return {
    ...nothing,
    standing,
    why: standing === 'conditional' ? law.condition?.text : undefined,
    tried: exercised.length,
    counterexample: smallest,
    example: good[0]?.o,
    ...(typeof on === 'string' ? faultsOf(law, exercised) : {}),
  };
}

/**
 * All that a law says of a try: what it asks, where its condition holds or nothing else is said of it; else what happens instead.
 */
export function saidOf(law: Law, t: Try, { checks, instead }: Outcome): readonly Check[] {
  const isAssured = law.condition?.holds(t) === true;
  return isAssured || instead.length === 0 ? [...checks, ...instead] : instead;
}

/** Ways in which a law's own words about Linux are wrong. */
function faultsOf(
  law: Law,
  exercised: readonly { readonly t: Try; readonly o: Outcome }[],
): Pick<Finding, 'faults' | 'belied'> {
  const faults: string[] = [];
  const belied = new Set<Instead>();
  if (exercised.length === 0) faults.push('no try exercises it');
  for (const { t, o } of exercised) {
    if (isViolated(o) && law.condition?.holds(t) === true)
      faults.push(`not met although ${law.condition.text}: ${describe(o.checks)}`);
    if (isViolated(o) && o.instead.length === 0)
      faults.push(`nothing is said of what happens instead: ${describe(o.checks)}`);
    for (const i of insteadOf(law, t)) {
      const checks = i.judge(o.trace, t);
      if (checks.every(isMet)) continue;
      belied.add(i);
      faults.push(`not so: ${i.text}: ${describe(checks)}`);
    }
  }
  return { faults, belied: [...belied] };
}

/** Checks that were not met, for people. */
export function describe(checks: readonly Check[]): string {
  return checks
    .filter((c) => !isMet(c))
    .map((c) => `${c.what}: ${c.wanted} of "${c.line}" wanted at ${c.machine}, ${c.got} seen`)
    .join('; ');
}

/** The smallest try that goes against a law. */
async function shrunk(
  law: Law,
  subject: Subject,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<Outcome | undefined> {
  let last: Outcome | undefined;
  const property = fc.asyncProperty(chance, async (c: Chance) => {
    const outcome = await attempt(law, tryOf(subject, law.proto, c));
    if (isViolated(outcome)) last = outcome;
    return !isViolated(outcome);
  });
  await fc.check(property, { numRuns: runs, seed, endOnFailure: false });
  return last;
}
