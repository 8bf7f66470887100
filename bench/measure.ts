/** Something to time: does `ops` operations of its kind. */
export interface Case {
  readonly name: string;
  /** Operations that one {@link run} does. */
  readonly ops: number;
  run(): void | Promise<void>;
}

/** What a case cost: medians over the rounds. */
export interface Cost {
  /** Nanoseconds of CPU per operation. */
  readonly cpu: number;
  /** Nanoseconds of time per operation. */
  readonly wall: number;
}

/** The middle of some values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

async function once(c: Case): Promise<Cost> {
  const start = process.hrtime.bigint();
  const before = process.cpuUsage();
  await c.run();
  const { user, system } = process.cpuUsage(before);
  const wall = Number(process.hrtime.bigint() - start);
  return { cpu: ((user + system) * 1000) / c.ops, wall: wall / c.ops };
}

/** Runs the cases by turns, `rounds` times after one round that warms up. @returns their costs, in order */
export async function interleave(cases: readonly Case[], rounds = 5): Promise<Cost[]> {
  const costs = cases.map((): Cost[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, c] of cases.entries()) {
      const cost = await once(c);
      if (round > 0) costs[i]?.push(cost);
    }
  }
  return costs.map((all) => ({
    cpu: median(all.map((c) => c.cpu)),
    wall: median(all.map((c) => c.wall)),
  }));
}
