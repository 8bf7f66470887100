import { Attachment, type AttachSpec, parseAttachSpec } from '@labwire/attach/attachment';
import type { RealTime } from '@labwire/attach/clock';
import { type Outside, openPort, type Port } from '@labwire/attach/port';
import { QemuHypervisor } from '@labwire/attach/qemu';
import { LabwireError } from '@labwire/core/error';
import { allMachines, type Lab, loadLab } from '@labwire/scenarios/lab';
import type { World } from '@labwire/scenarios/world';
import { labFileOf } from '../built-in.ts';
import { EXIT_OK, type Io } from '../io.ts';
import { readLabFile } from '../lab-file.ts';
import type { Keyboard } from '../shell/keyboard.ts';
import { pickMachine, realTime } from '../shell/shell-command.ts';
import { ShellSession } from '../shell/shell-session.ts';
import { type PlayedLab, playLab, SIGNALS } from './play-lab.ts';

/** What `labwire up` was asked for. */
export interface UpRequest {
  readonly lab: string;
  readonly overlay: string | undefined;
  readonly on: string | undefined;
  readonly seed: number | undefined;
  /** `MACHINE:DEV[=WHERE]` */
  readonly taps: readonly string[];
  /** QEMU's lines start the real program. */
  readonly qemu: boolean;
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
  const note = (text: string): void => io.err(`labwire: ${text}\n`);
  const attachments: Attachment[] = [];
  let hypervisor: QemuHypervisor | undefined;
  try {
    const { world, clock } = await playLab(lab, request, io, (sim) => {
      const clock = realTime(sim, io);
      if (request.qemu) hypervisor = new QemuHypervisor(clock, note);
      return { clock, hypervisor };
    });
    for (const spec of specs) attachments.push(attach(spec, world, clock, note));
    for (const attachment of attachments) await attachment.open();
    if (attachments.length > 0 || request.qemu) note('the lab is up; Ctrl-C ends it');
    await serve({ world, clock, hypervisor }, lab, request, io, keyboard);
  } finally {
    for (const attachment of attachments) await attachment.close();
    await hypervisor?.close();
  }
  for (const attachment of attachments) note(summary(attachment));
  return EXIT_OK;
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
  const { initNetns } = machine.kernel;
  const open = (outside: Outside, superSegments: boolean): Port =>
    openPort(text, initNetns, spec.dev, outside, superSegments);
  return new Attachment(text, open, spec.wire, clock, note);
}

/** Serves the prompt, and whoever is outside. */
async function serve(
  { world, clock, hypervisor }: PlayedLab,
  lab: Lab,
  { on }: UpRequest,
  io: Io,
  keyboard: Keyboard,
): Promise<void> {
  const console = on !== undefined && hypervisor?.guest(on) !== undefined ? on : undefined;
  const options = { clock, stays: true, hypervisor, console };
  const machine = pickMachine(world, lab, console === undefined ? on : undefined);
  const session = new ShellSession(world.sim, machine, io, keyboard, options);
  const end = (): void => session.end();
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    await session.run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

function summary({ text, stats }: Attachment): string {
  const dropped = stats.txDropped > 0 ? `, ${stats.txDropped} dropped` : '';
  const errors = stats.rxErrors > 0 ? `, ${stats.rxErrors} of a size that no frame has` : '';
  return `${text}: ${stats.rxFrames} frames in${errors}, ${stats.txFrames} out${dropped}`;
}
