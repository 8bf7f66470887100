import { Attachment, type AttachSpec, parseAttachSpec } from '@labwire/attach/attachment';
import type { RealTime } from '@labwire/attach/clock';
import { LabwireError } from '@labwire/core/error';
import { allMachines, type Lab, loadLab, runLab, TextReport } from '@labwire/scenarios/lab';
import type { World } from '@labwire/scenarios/world';
import { labFileOf } from '../built-in.ts';
import { EXIT_OK, type Io } from '../io.ts';
import { readLabFile } from '../lab-file.ts';
import { paintFor } from '../paint.ts';
import type { Keyboard } from '../shell/keyboard.ts';
import { pickMachine, realTime } from '../shell/shell-command.ts';
import { ShellSession } from '../shell/shell-session.ts';

/** What `labwire up` was asked for. */
export interface UpRequest {
  readonly lab: string;
  readonly overlay: string | undefined;
  readonly on: string | undefined;
  readonly seed: number | undefined;
  /** `MACHINE:DEV[=WHERE]` */
  readonly taps: readonly string[];
}

/**
 * Types a lab's commands, then keeps it running in real time, with a prompt, and with devices of it open to the outside, until it
 * is interrupted.
 * @throws LabwireError if the lab can't be read or a device can't be opened
 */
export async function upCommand(request: UpRequest, io: Io, keyboard: Keyboard): Promise<number> {
  const specs = request.taps.map(parseAttachSpec);
  const overlay = request.overlay === undefined ? undefined : readLabFile(request.overlay);
  const lab = loadLab(readLabFile(labFileOf(request.lab)), overlay);
  for (const spec of specs) checkSpec(spec, lab);
  const world = await playLab(lab, request, io);
  const clock = realTime(world.sim, io);
  const note = (text: string): void => io.err(`labwire: ${text}\n`);
  const attachments = specs.map((spec) => attach(spec, world, clock, note));
  try {
    for (const attachment of attachments) await attachment.open();
    if (attachments.length > 0) note('the lab is up; Ctrl-C ends it');
    await serve(world, lab, request, io, keyboard, clock);
  } finally {
    for (const attachment of attachments) await attachment.close();
  }
  for (const attachment of attachments) note(summary(attachment));
  return EXIT_OK;
}

/** Types the lab's commands, as fast as it goes. */
async function playLab(lab: Lab, { seed }: UpRequest, io: Io): Promise<World> {
  let world: World | undefined;
  const report = new TextReport(lab, io.out, paintFor(io.colour));
  const result = await runLab(lab, {
    ...(seed === undefined ? {} : { seed }),
    listener: report,
    onBuilt: (built) => {
      world = built;
    },
  });
  if (lab.steps.length > 0 || result.error !== undefined) report.finish(result);
  return world as World;
}

/** @throws LabwireError if a spec names a NIC that others are joined to */
function checkSpec({ machine, dev }: AttachSpec, { config }: Lab): void {
  const machines = allMachines(config);
  const found = machines.find((m) => m.name === machine);
  if (found === undefined) return;
  const link = found.interfaces.find((i) => i.name === dev)?.link;
  if (link === undefined) return;
  const others = machines.flatMap((m) =>
    m.interfaces
      .filter((i) => i.link === link && !(m === found && i.name === dev))
      .map(() => m.name),
  );
  if (others.length > 0)
    throw new LabwireError(
      `--tap ${machine}:${dev}: on link ${link} it is joined to ${others.join(', ')}; name a NIC that is alone on its link, or a tap`,
    );
}

function attach(
  spec: AttachSpec,
  world: World,
  clock: RealTime,
  note: (text: string) => void,
): Attachment {
  const machine = world.machine(spec.machine);
  const text = `${spec.machine}:${spec.dev}`;
  if (machine === undefined)
    throw new LabwireError(
      `--tap ${text}: no machine is named so; write one of ${[...world.machines.keys()].join(', ')}`,
    );
  return new Attachment(text, machine.kernel.initNetns, spec.dev, spec.wire, clock, note);
}

/** Serves the prompt, and whoever is outside. */
async function serve(
  world: World,
  lab: Lab,
  { on }: UpRequest,
  io: Io,
  keyboard: Keyboard,
  clock: RealTime,
): Promise<void> {
  const options = { clock, stays: true };
  const session = new ShellSession(world.sim, pickMachine(world, lab, on), io, keyboard, options);
  const end = (): void => session.end();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    await session.run();
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}

function summary({ text, stats }: Attachment): string {
  const dropped = stats.txDropped > 0 ? `, ${stats.txDropped} dropped` : '';
  const errors = stats.rxErrors > 0 ? `, ${stats.rxErrors} of a size that no frame has` : '';
  return `${text}: ${stats.rxFrames} frames in${errors}, ${stats.txFrames} out${dropped}`;
}
