import type { Process } from './process.ts';
import { Tty } from './tty.ts';

/** The terminal that a program reads as its standard input in the foreground; undefined if that is something else. */
export function controllingTty(proc: Process): Tty | undefined {
  const file = proc.fds.get(0);
  return file instanceof Tty && proc.pgid === sessionOf(proc).pgid ? file : undefined;
}

/** The shell of a terminal, from which all else there descends. */
function sessionOf(proc: Process): Process {
  let leader = proc;
  while (leader.parent !== undefined) leader = leader.parent;
  return leader;
}
