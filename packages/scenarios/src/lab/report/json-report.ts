import type { Step } from '../lab.ts';
import type { CommandResult, RunListener, RunResult } from '../run/index.ts';

/** Prints one JSON object per command, in the order in which they were typed; a command that outlives its block holds up the ones after it. */
export class JsonReport implements RunListener {
  readonly #print: (line: string) => void;
  readonly #waiting: Step[] = [];
  readonly #done = new Map<Step, CommandResult>();

  /** @param print gets whole lines, without their newline */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  onCommand(step: Step): void {
    this.#waiting.push(step);
  }

  onResult(result: CommandResult): void {
    this.#done.set(result.step, result);
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const done = this.#done.get(first);
      if (done === undefined) return;
      this.#print(JSON.stringify(commandRecord(done)));
      this.#waiting.shift();
    }
  }

  /** Prints the last line. */
  finish(result: RunResult): void {
    this.#print(JSON.stringify({ summary: result.summary }));
  }
}

/** What `labwire run --json` prints of one command. */
export interface CommandRecord {
  readonly line: number;
  readonly machine: string;
  readonly terminal: string;
  readonly command: string;
  readonly output: string;
  readonly exitCode: number | null;
  readonly match: boolean | null;
  readonly time: number;
}

/** A command's result as `labwire run --json` prints it. */
export function commandRecord(result: CommandResult): CommandRecord {
  const { line, machine, terminal, command } = result.step;
  const { output, exitCode, match, time } = result;
  return { line, machine, terminal, command, output, exitCode, match, time };
}
