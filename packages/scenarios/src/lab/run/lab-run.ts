import { LabwireError } from '@labwire/core/error';
import { type Nanos, SEC, Simulator, US } from '@labwire/core/sim';
import type { Machine, Terminal, TerminalRun } from '@labwire/userland/machine';
import { buildWorld, type World } from '../../world/index.ts';
import { diffOutput, matchOutput, outputLines, Renaming } from '../compare/index.ts';
import type { Lab, Step } from '../lab.ts';
import { describeBug } from './bug.ts';
import { answerOfNobody } from './nobody.ts';
import { type CommandResult, type Summary, summarise } from './result.ts';
import { setUpMachines } from './set-up.ts';
import { type Advance, SECOND_TERMINAL_LINGER, TYPING_TIME, TypedCommand } from './typed.ts';
import { runsRealGuest, whatRuns } from './waits.ts';

/** Who is told what happens in a run, as it happens. */
export interface RunListener {
  /** A command is typed. */
  onCommand?(step: Step): void;
  /** A command prints; `isCurrent` if it is the one typed last. */
  onOutput?(step: Step, text: string, isCurrent: boolean): void;
  /** A command is done or, if it outlives its block, the lab is. */
  onResult?(result: CommandResult): void;
  /** A command goes on while the next one is typed: `what` waits for what. `isGuest`: it is a guest outside, with a console of its own. */
  onOutlived?(step: Step, what: string, isGuest: boolean): void;
  /** Something the reader should know. */
  onNote?(text: string): void;
}

/** How a lab is run. */
export interface RunOptions {
  /** Default: the lab's, else 1. */
  readonly seed?: number;
  readonly listener?: RunListener;
  /** How simulated time goes on. Default: as fast as it can. */
  readonly advance?: Advance;
  /** Called with the machines before anything moves. */
  readonly onBuilt?: (world: World) => void;
}

/** How a run came out. */
export interface RunResult {
  /** In the document's order. */
  readonly commands: readonly CommandResult[];
  readonly summary: Summary;
  /** Why the run could not go on to its end. */
  readonly error: string | undefined;
}

/** Events in a simulated second that only frames going in circles bring about: a few seconds' work for the host. */
const STORM = 5_000_000;
/** How long a guest may boot before one types at it all the same. */
const BOOT_LINGER: Nanos = 60 * SEC;
/** What is still under way when the last command is done gets this long. */
const LAST_WORDS: Nanos = SEC / 2;

/**
 * Runs a lab. The same lab and seed give the same packets and results.
 * @throws LabError if the machines can't be built as described
 */
export async function runLab(lab: Lab, options: RunOptions = {}): Promise<RunResult> {
  const sim = new Simulator({
    seed: options.seed ?? lab.config.seed ?? 1,
    eventsPerSecond: STORM,
  });
  const world = buildWorld(sim, lab.config);
  options.onBuilt?.(world);
  const advance: Advance = options.advance ?? ((until, done) => sim.run(until, done));
  const run = new LabRun(lab, world, options.listener ?? {}, advance);
  return run.run();
}

class LabRun {
  readonly #lab: Lab;
  readonly #world: World;
  readonly #sim: Simulator;
  readonly #listener: RunListener;
  readonly #advance: Advance;
  readonly #terminals = new Map<Machine, Map<string, Terminal>>();
  readonly #renaming = new Renaming();
  readonly #typed: TypedCommand[] = [];
  readonly #results = new Map<TypedCommand, CommandResult>();
  #begin: Nanos = 0;
  #failedSetup = 0;

  constructor(lab: Lab, world: World, listener: RunListener, advance: Advance) {
    this.#advance = advance;
    this.#lab = lab;
    this.#world = world;
    this.#sim = world.sim;
    this.#listener = listener;
  }

  async run(): Promise<RunResult> {
    let error: string | undefined;
    try {
      const note = (text: string): void => this.#listener.onNote?.(text);
      this.#world.guests.listener.onNote = note;
      this.#failedSetup = await setUpMachines(this.#lab, this.#world, note, this.#advance);
      this.#begin = this.#sim.now;
      for (const step of this.#lab.steps) await this.#type(step);
      await this.#advance(this.#sim.now + LAST_WORDS);
    } catch (e) {
      error = this.#where(e instanceof LabwireError ? e.message : describeBug(e));
    }
    for (const typed of this.#typed) if (!this.#results.has(typed)) this.#report(typed);
    const commands = this.#typed.map((t) => this.#results.get(t) as CommandResult);
    const summary = summarise(commands);
    return {
      commands,
      summary: {
        ...summary,
        failed: summary.failed + this.#failedSetup + (error === undefined ? 0 : 1),
      },
      error,
    };
  }

  async #type(step: Step): Promise<void> {
    if (this.#typed.length > 0) await this.#advance(this.#sim.now + TYPING_TIME);
    if (this.#isForReal(step)) return;
    this.#listener.onCommand?.(step);
    const run = await this.#start(step);
    const typed = new TypedCommand(this.#sim.now, this.#advance, step, run);
    this.#typed.push(typed);
    const linger = step.terminal === '1' ? this.#lab.config.linger : SECOND_TERMINAL_LINGER;
    const goesOn = (): boolean => runsRealGuest(run, this.#world.guests);
    await typed.finish(linger, this.#renaming, goesOn);
    if (run.done) this.#report(typed);
    else this.#listener.onOutlived?.(step, whatRuns(run), goesOn());
  }

  /** A guest outside the simulation has a console of its own, and needs its time to boot: its user types there. */
  #isForReal({ machine, command, line }: Step): boolean {
    if (this.#world.guests.real(machine) === undefined) return false;
    this.#listener.onNote?.(`line ${line} is for ${machine}'s own console: ${command}`);
    return true;
  }

  /** Types a command at its machine; a guest that boots is waited for. */
  async #start(step: Step): Promise<TerminalRun> {
    const { guests } = this.#world;
    const isCurrent = (): boolean => this.#typed.at(-1)?.step === step;
    const options = {
      onOutput: (text: string) => this.#listener.onOutput?.(step, text, isCurrent()),
    };
    const machine = this.#world.machine(step.machine);
    if (machine === undefined)
      return answerOfNobody(step.command, step.machine, guests.knew(step.machine), options);
    await this.#advance(this.#sim.now + BOOT_LINGER, () => guests.isUp(machine));
    return this.#terminal(machine, step.terminal).run(step.command, options);
  }

  #terminal(machine: Machine, name: string): Terminal {
    const terminals = this.#terminals.get(machine) ?? new Map<string, Terminal>();
    this.#terminals.set(machine, terminals);
    const terminal = terminals.get(name) ?? machine.openTerminal(name, { env: { PAGER: 'cat' } });
    terminals.set(name, terminal);
    return terminal;
  }

  #report(typed: TypedCommand): void {
    const { step, expected, output, exitCode } = typed;
    const lines = outputLines(output);
    const match = expected === undefined ? null : matchOutput(expected, lines, this.#renaming);
    const shown = outputLines(step.expected?.map((l) => l.text).join('\n') ?? '');
    const failed = match === null ? !step.mayFail && exitCode !== null && exitCode !== 0 : !match;
    const result: CommandResult = {
      step,
      time: Math.round((typed.began - this.#begin) / US) / 1e6,
      output,
      exitCode,
      match,
      failed,
      diff: match === false ? diffOutput(shown, expected ?? [], lines, this.#renaming) : [],
    };
    this.#results.set(typed, result);
    this.#listener.onResult?.(result);
  }

  #where(message: string): string {
    const line = this.#typed.at(-1)?.step.line;
    return `${this.#lab.file}${line === undefined ? '' : `:${line}`}: ${message}`;
  }
}
