import { MS, type Nanos, SEC } from '@labwire/core/sim';
import { SIGINT, type TerminalRun } from '@labwire/userland/machine';
import { compileOutput, type ExpectedLine, hasPrinted, type Renaming } from '../compare/index.ts';
import type { Step } from '../lab.ts';

/** A command interrupts no sooner than this after it began. */
const SOONEST_INTERRUPT: Nanos = 300 * MS;

/** What a shell makes of a command that SIGINT ended. */
const INTERRUPTED = 128 + SIGINT;

/** Lets simulated time go on until `until`, or until `done`. */
export type Advance = (until: Nanos, done?: () => boolean) => Promise<void>;

/** A command that has been typed: its text on the terminal, and what the document says of it. */
export class TypedCommand {
  readonly step: Step;
  readonly run: TerminalRun;
  /** When it was typed. */
  readonly began: Nanos;
  readonly expected: readonly ExpectedLine[] | undefined;
  /** What it had printed when it was done; what its background jobs print later is not its own. */
  #shown: string | undefined;
  #interrupted = false;
  readonly #advance: Advance;

  /** @param began now */
  constructor(began: Nanos, advance: Advance, step: Step, run: TerminalRun) {
    this.#advance = advance;
    this.step = step;
    this.run = run;
    this.began = began;
    this.expected =
      step.expected &&
      compileOutput(
        step.command,
        step.expected.map((l) => l.text),
      );
  }

  /** What the terminal showed of it. */
  get output(): string {
    return this.#shown ?? this.run.output;
  }

  /** Its exit status; null while it runs and if a signal ended it. */
  get exitCode(): number | null {
    const { done, exitCode } = this.run;
    if (!done || (this.#interrupted && exitCode === INTERRUPTED)) return null;
    return exitCode ?? null;
  }

  /**
   * Lets it run until it is done, for `linger` at most; interrupts it where the document does.
   * @param goesOn whether one need not wait for its end
   */
  async finish(linger: Nanos, renaming: Renaming, goesOn: () => boolean): Promise<void> {
    const end = this.began + linger;
    const above = linesAboveInterrupt(this.step);
    if (above !== undefined) await this.#interruptAfter(above, end, renaming);
    await this.#advance(end, () => this.run.done || goesOn());
    if (this.run.done) this.#shown = this.run.output;
  }

  async #interruptAfter(above: readonly string[], end: Nanos, renaming: Renaming): Promise<void> {
    const expected = compileOutput(this.step.command, above);
    const printed = (): boolean => hasPrinted(expected, this.run.output, renaming);
    await this.#advance(this.began + SOONEST_INTERRUPT, () => this.run.done);
    await this.#advance(end, () => this.run.done || printed());
    if (this.run.done) return;
    this.#interrupted = true;
    this.run.interrupt();
  }
}

/** What the document shows above a line with `^C`. @returns undefined if it has none */
function linesAboveInterrupt(step: Step): string[] | undefined {
  const lines = step.expected?.map((l) => l.text) ?? [];
  const at = lines.findIndex((l) => l.startsWith('^C'));
  return at < 0 ? undefined : lines.slice(0, at);
}

/** What a person needs between two commands; links settle in that time. */
export const TYPING_TIME: Nanos = 10 * MS;
/** How long a command in a second terminal has to itself. */
export const SECOND_TERMINAL_LINGER: Nanos = 2 * SEC;
