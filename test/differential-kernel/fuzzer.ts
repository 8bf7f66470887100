import { compare, type Difference } from './compare/compare.ts';
import { generate } from './generate/index.ts';
import { LabwireSide } from './labwire/labwire-side.ts';
import { LinuxSide } from './linux/linux-side.ts';
import type { Case, Family, Observed } from './model/case.ts';
import { observe } from './model/side.ts';
import { runCase, type Seen } from './run-case.ts';
import { shrink } from './shrink.ts';

export interface Found {
  readonly number: number;
  readonly difference: Difference;
  readonly small: Case;
  /** What the real kernel did. */
  readonly linux: Observed;
}

export interface Range {
  readonly family: Family;
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
  /** Differences that were not there when a case was played again. */
  readonly unsteady: number;
  /** How often each explanation was called on. */
  readonly explained: ReadonlyMap<string, number>;
  /** How often each sort of difference was seen. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** How often a case that differs is played again: what real time or drawn numbers decide comes out otherwise once. */
const AGAIN = 6;

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

  /** Plays one case on the real kernel and on Labwire. */
  async observe(test: Case): Promise<readonly [linux: Observed, labwire: Observed]> {
    const { linux, labwire } = this.#pairs[0] as Pair;
    return [await observe(linux, test), await observe(labwire, test)];
  }

  /** Plays one case. */
  run(test: Case, pair: Pair = this.#pairs[0] as Pair): Promise<Seen | undefined> {
    return runCase(test, pair.linux, pair.labwire);
  }

  /** Plays cases; tells of each sort of difference once, by its smallest case. */
  async hunt(
    range: Range,
    tell: (found: Found) => void,
    went: (ran: number) => void = () => {},
  ): Promise<Hunted> {
    const kinds = new Map<string, number>();
    const explained = new Map<string, number>();
    let [next, ran, found, unsteady] = [range.from, 0, 0, 0];
    const work = async (pair: Pair): Promise<void> => {
      while (next < range.from + range.runs && kinds.size < range.most) {
        const number = next++;
        const test = generate(range.seed, number, range.family);
        const difference = await this.run(test, pair);
        went(++ran);
        if (difference === undefined) continue;
        if (difference.explained !== undefined) {
          count(explained, difference.explained);
          continue;
        }
        // what real time decides (how many redirects, a timer's tick) does not stay
        if (!(await this.#steady(test, pair, difference))) {
          unsteady++;
          continue;
        }
        found++;
        const key = `${difference.kind}: ${difference.what}`;
        if (count(kinds, key) !== 1) continue;
        const same = async (t: Case): Promise<boolean> => {
          const d = await this.run(t, pair);
          return d?.kind === difference.kind && d.what === difference.what && !d.explained;
        };
        const small = await shrink(test, same);
        const linux = await observe(pair.linux, small);
        const least = compare(small, linux, await observe(pair.labwire, small)) ?? difference;
        tell({ number, small, linux, difference: least });
      }
    };
    await Promise.all(this.#pairs.map(work));
    return { ran, found, unsteady, kinds, explained };
  }

  /** Whether a case shows a difference each time. */
  async #steady(test: Case, pair: Pair, seen: Difference): Promise<boolean> {
    for (let again = 0; again < AGAIN; again++) {
      const difference = await this.run(test, pair);
      if (difference?.kind !== seen.kind) return false;
    }
    return true;
  }

  close(): void {
    for (const { linux } of this.#pairs) linux.close();
  }
}

function count(times: Map<string, number>, what: string): number {
  const n = (times.get(what) ?? 0) + 1;
  times.set(what, n);
  return n;
}
