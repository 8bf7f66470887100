import { attempt, chance, LAWS, SUBJECTS, Try } from '@labwire/scenarios/properties';
import fc from 'fast-check';
import type { Figure } from './figure.ts';

const SCENARIOS = 1000;
/** Five days, the time-out of an idle connection. */
const ESTABLISHED = 'RFC 5382 REQ-5';

/** Plays scenarios of all laws and subjects by turns. @returns seconds of wall time */
async function playAll(): Promise<number> {
  const cells = LAWS.flatMap((law) =>
    SUBJECTS.filter((s) => law.notFor?.[s] === undefined).map((subject) => ({ law, subject })),
  );
  const chances = fc.sample(chance, { numRuns: SCENARIOS, seed: 1 });
  const start = process.hrtime.bigint();
  for (const [i, c] of chances.entries()) {
    const { law, subject } = cells[i % cells.length] as (typeof cells)[number];
    await attempt(law, new Try(subject, law.proto, c));
  }
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** One connection that is idle for up to 4.7 days and then goes on. @returns milliseconds of wall time */
async function idleConnection(): Promise<number> {
  const law = LAWS.find((l) => l.id === ESTABLISHED);
  const [c] = fc.sample(chance, { numRuns: 1, seed: 1 });
  if (law === undefined || c === undefined) throw new Error(`no law ${ESTABLISHED}`);
  const start = process.hrtime.bigint();
  const { checks } = await attempt(law, new Try('masquerade', 'tcp', { ...c, n: 399_999 }));
  if (checks.some((check) => check.got !== check.wanted)) throw new Error('the connection is gone');
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** The law book: a thousand generated scenarios, and days that go by. */
export async function measureProperties(): Promise<Figure[]> {
  const seconds = await playAll();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) times.push(await idleConnection());
  return [
    {
      id: 'L1',
      what: `${SCENARIOS} generated NAT scenarios of all laws and subjects, one after the other, wall time`,
      value: seconds,
      unit: 's',
      goal: 60,
      against: 'absolute goal',
    },
    {
      id: 'L2',
      what: 'a connection through NAT that is idle for 4.7 of its 5 days, with its machines, wall time',
      value: times.sort((a, b) => a - b)[2],
      unit: 'ms',
      goal: 1000,
      against: 'absolute goal',
    },
  ];
}
