import type { RealTime } from '@labwire/attach/clock';
import { type QemuHypervisor, withoutWipes } from '@labwire/attach/qemu';
import type { Nanos, Simulator } from '@labwire/core/sim';
import { type Lab, runLab, type Step, TextReport } from '@labwire/scenarios/lab';
import type { World } from '@labwire/scenarios/world';
import { EXIT_INTERRUPTED, type Io } from '../io.ts';
import { paintFor } from '../paint.ts';

/** What ends a lab that is up. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What makes a lab's time real. */
export interface RealPart {
  readonly clock: RealTime;
  /** Runs its guests, where they are real. */
  readonly hypervisor: QemuHypervisor | undefined;
}

/** A lab whose commands have been typed. */
export interface PlayedLab extends RealPart {
  readonly world: World;
}

/** Types the lab's commands: as fast as it goes, and in real time once a real guest is there, who could not follow. */
export async function playLab(
  lab: Lab,
  { seed }: { readonly seed: number | undefined },
  io: Io,
  makeReal: (sim: Simulator) => RealPart,
): Promise<PlayedLab> {
  const report = new ConsoleReport(lab, io.out, paintFor(io.colour));
  let played: PlayedLab | undefined;
  const end = (): void => void endEarly(played?.hypervisor);
  for (const signal of SIGNALS) process.once(signal, end);
  const result = await runLab(lab, {
    ...(seed === undefined ? {} : { seed }),
    listener: report,
    onBuilt: (world) => {
      const real = makeReal(world.sim);
      world.guests.hypervisor = real.hypervisor;
      played = { world, ...real };
    },
    advance: (until, done) => advance(played as PlayedLab, until, done),
  });
  for (const signal of SIGNALS) process.off(signal, end);
  if (lab.steps.length > 0 || result.error !== undefined) report.finish(result);
  return played as PlayedLab;
}

/** Ctrl-C before the lab is up. */
async function endEarly(hypervisor: QemuHypervisor | undefined): Promise<void> {
  await hypervisor?.close();
  process.exit(EXIT_INTERRUPTED);
}

async function advance(
  { world: { sim }, clock, hypervisor }: PlayedLab,
  until: Nanos,
  done: () => boolean = () => false,
): Promise<void> {
  const isReal = (): boolean => (hypervisor?.guests.length ?? 0) > 0;
  if (!isReal()) await sim.run(until, () => done() || isReal());
  if (isReal()) await clock.run(() => done() || sim.now >= until);
}

/** Leaves out the consoles of real guests: they have terminals of their own. */
class ConsoleReport extends TextReport {
  readonly #guests = new Set<Step>();

  override onOutput(step: Step, text: string, isCurrent: boolean): void {
    if (!this.#guests.has(step)) super.onOutput(step, withoutWipes(text), isCurrent);
  }

  override onOutlived(step: Step, what: string, isGuest: boolean): void {
    if (isGuest) this.#guests.add(step);
    else super.onOutlived(step, what, isGuest);
  }
}
