import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  type Agreement,
  commandRecord,
  compareRuns,
  type RecordedCommand,
  runLab,
} from '@labwire/scenarios/lab';
import { readLab } from '../kit/index.ts';

/** A lab and what a real machine printed when it ran it. */
export interface Recording {
  /** `topic/lab`. */
  readonly name: string;
  readonly topic: string;
  readonly lab: string;
  readonly recording: string;
}

/** How a lab's run holds against its recording. */
export interface GoldenRun {
  readonly name: string;
  readonly topic: string;
  readonly agreements: readonly Agreement[];
  readonly agree: number;
  readonly total: number;
  /** Why the lab did not run to its end. */
  readonly error: string | undefined;
}

const SUFFIX = '.linux.jsonl';

/** All recordings below a folder that have their lab beside them, by name. */
export function findRecordings(folder: string): Recording[] {
  const names = readdirSync(folder).sort();
  return names.flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return findRecordings(path);
    const lab = `${path.slice(0, -SUFFIX.length)}.md`;
    if (!name.endsWith(SUFFIX) || !existsSync(lab)) return [];
    const topic = basename(dirname(path));
    return [{ name: `${topic}/${name.slice(0, -SUFFIX.length)}`, topic, lab, recording: path }];
  });
}

/** Runs a lab and holds it against its recording. */
export async function runGolden({ name, topic, lab, recording }: Recording): Promise<GoldenRun> {
  const linux = readRecording(recording);
  const { ours, error } = await runOurs(lab);
  const agreements = compareRuns(linux, ours);
  const agree = agreements.filter((a) => a.agrees).length;
  return { name, topic, agreements, agree, total: linux.length, error };
}

/** The commands of a recording: one JSON object a line. */
export function readRecording(file: string): RecordedCommand[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((l) => l.startsWith('{'))
    .map((l) => JSON.parse(l) as RecordedCommand)
    .filter((c) => c.command !== undefined);
}

/** Our run; a lab that we can't build or that breaks off has fewer commands. */
async function runOurs(lab: string): Promise<{ ours: RecordedCommand[]; error?: string }> {
  try {
    const { commands, error } = await runLab(readLab(lab));
    const ours = commands.map(commandRecord);
    return error === undefined ? { ours } : { ours, error };
  } catch (e) {
    return { ours: [], error: (e as Error).message };
  }
}

/** Agreement by topic: a line for each, and one for all. */
export function topicTable(runs: readonly GoldenRun[]): string {
  const rows = [...new Set(runs.map((r) => r.topic))].map((topic) => row(topic, runs));
  const all = row('all', runs, () => true);
  const width = Math.max(...rows.map((r) => r.topic.length), all.topic.length);
  return [...rows, all]
    .map((r) => `${r.topic.padEnd(width)}  ${String(r.agree).padStart(5)}/${r.total}`)
    .join('\n');
}

function row(
  topic: string,
  runs: readonly GoldenRun[],
  counts: (r: GoldenRun) => boolean = (r) => r.topic === topic,
): { readonly topic: string; readonly agree: number; readonly total: number } {
  const of = runs.filter(counts);
  const sum = (pick: (r: GoldenRun) => number): number => of.reduce((n, r) => n + pick(r), 0);
  return { topic, agree: sum((r) => r.agree), total: sum((r) => r.total) };
}

/** The commands on which a run and its recording differ, each as both sides. */
export function disagreements(run: GoldenRun): string {
  const head = run.error === undefined ? [] : [`${run.name}: ${run.error}`];
  const each = run.agreements
    .filter((a) => !a.agrees)
    .map(({ recorded, ours, linuxLines, ourLines }) =>
      [
        `--- ${run.name}:${recorded.line}: ${recorded.machine}$ ${recorded.command}   (exit ${recorded.exitCode} / ${ours?.exitCode})`,
        ...linuxLines.filter((l) => !ourLines.includes(l)).map((l) => `- ${l}`),
        ...ourLines.filter((l) => !linuxLines.includes(l)).map((l) => `+ ${l}`),
      ].join('\n'),
    );
  return [...head, ...each].join('\n');
}
