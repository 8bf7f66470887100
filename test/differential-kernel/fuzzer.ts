import type { Difference } from './compare/compare.ts';
import { generate } from './generate/index.ts';
import { LabwireSide } from './labwire/labwire-side.ts';
import { LinuxSide } from './linux/linux-side.ts';
import type { Case } from './model/case.ts';
import { runCase } from './run-case.ts';
import { shrink } from './shrink.ts';

export interface Found {
  readonly number: number;
  readonly difference: Difference;
  readonly small: Case;
}

export interface Range {
  readonly seed: number;
  readonly from: number;
  readonly runs: number;
  /** Ends after this many differences. */
  readonly most: number;
}

/** What a hunt brought. */
export interface Hunted {
  readonly ran: number;
  readonly found: number;
  /** How often each sort of difference was seen. */
  readonly kinds: ReadonlyMap<string, number>;
}

interface Pair {
  readonly linux: LinuxSide;
  readonly labwire: LabwireSide;
}

/** Several pairs of sides at work: while one waits for the kernel's grace periods the others go on. */
export class Fuzzer {
  readonly #pairs: readonly Pair[];

  constructor(jobs: number) {
    this.#pairs = Array.from({ length: jobs }, () => ({
      linux: new LinuxSide(),
      labwire: new LabwireSide(),
    }));
  }

  /** Plays one case. */
  run(test: Case, pair: Pair = this.#pairs[0] as Pair): Promise<Difference | undefined> {
    return runCase(test, pair.linux, pair.labwire);
  }

  /** Plays cases; tells of each sort of difference once, by its smallest case. */
  async hunt(range: Range, tell: (found: Found) => void): Promise<Hunted> {
    const kinds = new Map<string, number>();
    let [next, ran, found] = [range.from, 0, 0];
    const work = async (pair: Pair): Promise<void> => {
      while (next < range.from + range.runs && kinds.size < range.most) {
        const number = next++;
        const test = generate(range.seed, number);
        const difference = await this.run(test, pair);
        ran++;
        if (difference === undefined) continue;
        found++;
        const key = `${difference.kind}: ${difference.what}`;
        kinds.set(key, (kinds.get(key) ?? 0) + 1);
        if (kinds.get(key) !== 1) continue;
        const same = async (t: Case): Promise<boolean> => {
          const d = await this.run(t, pair);
          return d?.kind === difference.kind && d.what === difference.what;
        };
        const small = await shrink(test, same);
        tell({ number, small, difference: (await this.run(small, pair)) ?? difference });
      }
    };
    await Promise.all(this.#pairs.map(work));
    return { ran, found, kinds };
  }

  close(): void {
    for (const { linux } of this.#pairs) linux.close();
  }
}
