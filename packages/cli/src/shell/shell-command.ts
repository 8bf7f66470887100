import { RealTime } from '@labwire/attach/clock';
import { LabwireError } from '@labwire/core/error';
import { Simulator } from '@labwire/core/sim';
import { allMachines, type Lab, loadLab, setUpMachines } from '@labwire/scenarios/lab';
import { buildWorld, type World } from '@labwire/scenarios/world';
import type { Machine } from '@labwire/userland/machine';
import { labFileOf } from '../built-in.ts';
import type { Io } from '../io.ts';
import { readLabFile } from '../lab-file.ts';
import type { Keyboard } from './keyboard.ts';
import { ShellSession } from './shell-session.ts';

/** What `labwire shell` was asked for. */
export interface ShellRequest {
  readonly lab: string | undefined;
  readonly on: string | undefined;
  readonly seed: number | undefined;
}

/** One machine, at home. */
const EMPTY_LAB = '';

/** Types at a machine until the shell is left. @returns the last command's exit code */
export async function shellCommand(
  request: ShellRequest,
  io: Io,
  keyboard: Keyboard,
): Promise<number> {
  const lab =
    request.lab === undefined
      ? loadLab({ file: 'shell', text: EMPTY_LAB })
      : loadLab(readLabFile(labFileOf(request.lab)));
  const sim = new Simulator({ seed: request.seed ?? lab.config.seed ?? 1 });
  const world = buildWorld(sim, lab.config);
  const machine = pickMachine(world, lab, request.on);
  await setUpMachines(lab, world, (note) => io.err(`labwire: note: ${note}\n`));
  const clock = keyboard.isTerminal ? realTime(sim, io) : undefined;
  const session = new ShellSession(sim, machine, io, keyboard, { clock, stays: false });
  return session.run();
}

/** A clock that tells the user when it falls behind. */
export function realTime(sim: Simulator, io: Io): RealTime {
  return new RealTime(sim, (seconds) =>
    io.err(
      `labwire: note: there is more to do than time: the lab is ${seconds.toFixed(1)} s behind\n`,
    ),
  );
}

/** The machine of a name, or the lab's first. @throws LabwireError naming those that there are */
export function pickMachine(world: World, lab: Lab, name: string | undefined): Machine {
  const names = allMachines(lab.config).map((m) => m.name);
  const machine = world.machine(name ?? names[0] ?? '');
  if (machine !== undefined) return machine;
  throw new LabwireError(`--on ${name}: no machine is named so; write one of ${names.join(', ')}`);
}
