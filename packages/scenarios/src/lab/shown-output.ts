import type { BlockEntry } from './config/index.ts';
import type { Line } from './document/index.ts';

/** What an overlay says of the output that a block shows: the author's notes in it, what is another's, what is missing. */
export interface OutputRemarks {
  readonly notes: readonly string[];
  readonly any: readonly string[];
  readonly part: boolean;
  readonly interrupt: boolean;
}

/** Puts together what all entries for a block say. */
export function outputRemarks(entries: readonly BlockEntry[]): OutputRemarks {
  return {
    notes: entries.flatMap((e) => e.notes ?? []),
    any: entries.flatMap((e) => e.any ?? []),
    part: entries.some((e) => e.part === true),
    interrupt: entries.some((e) => e.interrupt === true),
  };
}

/** The output that a command is held against: what the document shows of it, as the overlay says to read that. */
export function readOutput(shown: readonly Line[], remarks: OutputRemarks): readonly Line[] {
  const [first] = shown;
  if (first === undefined) return shown;
  const around = (text: string): Line => ({ no: first.no, text });
  const lines = shown.map(({ no, text }) => ({ no, text: readLine(text, remarks) }));
  return [
    ...(remarks.part ? [around('...')] : []),
    ...lines,
    ...(remarks.part ? [around('...')] : []),
    ...(remarks.interrupt ? [around('^C'), around('...')] : []),
  ];
}

function readLine(text: string, { notes, any, part }: OutputRemarks): string {
  if (part && text.trim() === '') return '...';
  let read = text;
  for (const note of notes) read = read.replace(note, '');
  for (const each of any) read = read.replace(each, '...');
  return read.trimEnd();
}

/** The first text of `notes` or `any` that no line holds, as key and index; undefined if each is found. */
export function unfoundRemark(
  entry: BlockEntry,
  body: readonly Line[],
): readonly [key: 'notes' | 'any', index: number] | undefined {
  for (const key of ['notes', 'any'] as const) {
    const index = (entry[key] ?? []).findIndex((t) => !body.some((l) => l.text.includes(t)));
    if (index >= 0) return [key, index];
  }
  return undefined;
}
