import { answerFrame } from './answer.ts';
import type { Case, Frames, Observed, Step } from './case.ts';

/** What a kernel under test can do: the real one, or Labwire's. */
export interface Side {
  /** Sets a fresh router up. */
  begin(test: Case): Promise<Observed['failed']>;
  /** Lets frames arrive, one after the other. @returns what the router sent after each */
  play(frames: readonly (readonly [dev: number, hex: string])[]): Promise<readonly Frames[]>;
  /** Looks at what has become of it. */
  end(test: Case): Promise<Omit<Observed, 'failed' | 'frames'>>;
}

/** Plays a case on one side. */
export async function observe(side: Side, test: Case): Promise<Observed> {
  const failed = await side.begin(test);
  const frames = new Map<number, Frames>();
  let batch: { readonly id: number; readonly frame: readonly [number, string] }[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const out = await side.play(batch.map((b) => b.frame));
    for (const [i, { id }] of batch.entries()) frames.set(id, out[i] ?? []);
    batch = [];
  };
  for (const step of test.steps) {
    if (step.kind === 'answer') await flush();
    const frame = frameOf(step, frames);
    if (frame !== undefined) batch.push({ id: step.id, frame });
  }
  await flush();
  return { failed, frames, ...(await side.end(test)) };
}

function frameOf(
  step: Step,
  seen: ReadonlyMap<number, Frames>,
): readonly [number, string] | undefined {
  if (step.kind === 'frame') return [step.dev, step.frame];
  const [first] = seen.get(step.to) ?? [];
  if (first === undefined) return undefined;
  const answer = answerFrame(first[1], step.how);
  return answer === undefined ? undefined : [first[0], answer];
}
