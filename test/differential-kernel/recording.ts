import type { Case, Frames, Observed } from './model/case.ts';

/** A case and what the real kernel made of it: JSON, for machines where it cannot be asked. */
export interface Recording {
  /** What was found by it. */
  readonly title: string;
  readonly test: Case;
  readonly linux: Omit<Observed, 'frames'> & {
    readonly frames: readonly (readonly [step: number, Frames])[];
  };
}

/** What is kept of a run. */
export function record(title: string, test: Case, linux: Observed): Recording {
  return { title, test, linux: { ...linux, frames: [...linux.frames] } };
}

/** The run that was kept. */
export function recalled({ linux }: Recording): Observed {
  return { ...linux, frames: new Map(linux.frames) };
}

/** One line a step and a field, so that changes can be read. */
export function recordingText(recording: Recording): string {
  return `${JSON.stringify(recording, null, 1).replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (_, inner) => `[${inner.replace(/\n\s+/g, ' ')}]`)}\n`;
}
