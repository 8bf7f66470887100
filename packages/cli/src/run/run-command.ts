import { LabwireError } from '@labwire/core/error';
import {
  JsonReport,
  loadLab,
  type RunListener,
  type RunResult,
  runLab,
  TextReport,
} from '@labwire/scenarios/lab';
import { labFileOf } from '../built-in.ts';
import { EXIT_MISMATCH, EXIT_OK, EXIT_UNREADABLE, type Io } from '../io.ts';
import { readLabFile } from '../lab-file.ts';
import { paintFor } from '../paint.ts';
import { Captures, captureFolder } from './captures.ts';

/** What `labwire run` was asked for. */
export interface RunRequest {
  /** Files, or names of built-in labs. */
  readonly labs: readonly string[];
  readonly json: boolean;
  readonly seed: number | undefined;
  /** Folder for one capture per machine. */
  readonly pcap: string | undefined;
  /** Overlay for the one document. */
  readonly overlay: string | undefined;
}

/** Runs labs one after the other. @returns the exit code: the worst of theirs */
export async function runCommand(request: RunRequest, io: Io): Promise<number> {
  let worst = EXIT_OK;
  for (const lab of request.labs) {
    const code = await runOne(lab, request, io);
    worst = Math.max(worst, code);
  }
  return worst;
}

/** A report that can be closed. */
type Report = RunListener & { finish(result: RunResult): void };

async function runOne(word: string, request: RunRequest, io: Io): Promise<number> {
  try {
    const overlay = request.overlay === undefined ? undefined : readLabFile(request.overlay);
    const lab = loadLab(readLabFile(labFileOf(word)), overlay);
    const report: Report = request.json
      ? new JsonReport((line) => io.out(`${line}\n`))
      : new TextReport(lab, io.out, paintFor(io.colour));
    const captures =
      request.pcap === undefined
        ? undefined
        : new Captures(captureFolder(request.pcap, word, request.labs.length > 1));
    const result = await runLab(lab, {
      ...(request.seed === undefined ? {} : { seed: request.seed }),
      listener: request.json ? withNotes(report, io) : report,
      onBuilt: (world) => captures?.listen(world),
    });
    captures?.close();
    report.finish(result);
    if (request.json && result.error !== undefined) io.err(`labwire: ${result.error}\n`);
    return result.error === undefined && result.summary.failed === 0 ? EXIT_OK : EXIT_MISMATCH;
  } catch (e) {
    if (!(e instanceof LabwireError)) throw e;
    io.err(`labwire: ${e.message}\n`);
    return EXIT_UNREADABLE;
  }
}

/** Under `--json` standard output is for records alone; notes go to standard error. */
function withNotes(report: Report, io: Io): RunListener {
  return {
    onCommand: (step) => report.onCommand?.(step),
    onResult: (result) => report.onResult?.(result),
    onNote: (text) => io.err(`labwire: note: ${text}\n`),
  };
}
