// Confirms the law book on this machine's kernel and keeps what it did: `npm run nat-on-linux [-- LAW…]`. Needs root.

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  attempt,
  type Chance,
  type Check,
  chance,
  describe,
  isMet,
  LAWS,
  type Law,
  SUBJECTS,
  type SubjectName,
  Try,
} from '@labwire/scenarios/properties';
import fc from 'fast-check';
import { playOnLinux } from './linux-network.ts';

/** What real kernels did. */
export const RECORD: string = fileURLToPath(
  new URL('../../golden/nat-laws/kernel.jsonl', import.meta.url),
);

/** One try on a real kernel. */
export interface Confirmed {
  readonly law: string;
  readonly subject: SubjectName;
  readonly kernel: string;
  readonly chance: Chance;
  readonly checks: readonly Check[];
  /** What the law says that happens where it is not met. */
  readonly instead: readonly Check[];
}

/** Tries whose waiting takes longer are not waited for. */
const PATIENCE = 700;
const AT_ONCE = 24;
const TRIES = 10;

/** Laws whose violations a kernel draws at random: only what is assured is held against it. */
const BY_CHANCE: ReadonlySet<string> = new Set(['RFC 4787 REQ-4']);

interface Job {
  readonly law: Law;
  readonly subject: SubjectName;
  readonly chance: Chance;
  readonly seconds: number;
}

/** The first of the tries that accords with a law, and the first that does not. */
async function jobsOf(law: Law, subject: SubjectName): Promise<Job[]> {
  if (law.notFor?.[subject] !== undefined) return [];
  const found = new Map<boolean, Job>();
  for (const c of fc.sample(chance, { numRuns: TRIES, seed: 1 })) {
    const outcome = await attempt(law, new Try(subject, law.proto, c));
    if (outcome.checks.length === 0) continue;
    const waits = outcome.scenario.steps.map((s) => (s.do === 'wait' ? s.seconds : 0));
    const seconds = waits.reduce((a, b) => a + b, 0);
    const key = outcome.checks.every(isMet);
    const t = new Try(subject, law.proto, c);
    if (BY_CHANCE.has(law.id) && law.condition?.holds(t) !== true) continue;
    const best = found.get(key);
    if (best === undefined || seconds < best.seconds)
      found.set(key, { law, subject, chance: c, seconds });
  }
  return [...found.values()];
}

/** A check without the packet that it is about. */
const bare = ({ packet: _, ...check }: Check): Check => check;

async function run({ law, subject, chance: c }: Job, kernel: string): Promise<Confirmed> {
  const t = new Try(subject, law.proto, c);
  const { checks, instead } = await attempt(law, t, playOnLinux);
  for (const c of instead)
    if (!isMet(c)) console.log(`not so: ${law.id}, ${subject}: ${describe([c])}`);
  return {
    law: law.id,
    subject,
    kernel,
    chance: c,
    checks: checks.map(bare),
    instead: instead.map(bare),
  };
}

async function main(wanted: readonly string[]): Promise<void> {
  const qemu = execFileSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' });
  const kernel = `Linux ${/^\d+\.\d+/.exec(release())?.[0]}, QEMU ${/\d+\.\d+/.exec(qemu)?.[0]}`;
  const laws = LAWS.filter((l) => wanted.length === 0 || wanted.some((w) => l.id.includes(w)));
  const jobs: Job[] = [];
  for (const law of laws) for (const s of SUBJECTS) jobs.push(...(await jobsOf(law, s)));
  const short = jobs.filter((j) => j.seconds <= PATIENCE).sort((a, b) => b.seconds - a.seconds);
  for (const j of jobs) if (!short.includes(j)) console.log(`too long: ${j.law.id} ${j.subject}`);
  const names = new Set(laws.map((l) => l.id));
  const old = existsSync(RECORD) ? readFileSync(RECORD, 'utf8').trim().split('\n') : [];
  const keep = old.filter((l) => l !== '' && !names.has((JSON.parse(l) as Confirmed).law));
  writeFileSync(RECORD, keep.map((l) => `${l}\n`).join(''));
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let job = short[next++]; job !== undefined; job = short[next++]) {
      try {
        appendFileSync(RECORD, `${JSON.stringify(await run(job, kernel))}\n`);
      } catch (e) {
        console.log(`${job.law.id} ${job.subject}: ${e}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const order = readFileSync(RECORD, 'utf8').trim().split('\n').sort();
  writeFileSync(RECORD, order.map((l) => `${l}\n`).join(''));
  console.log(`${short.length} tries`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
