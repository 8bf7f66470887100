import type { Process, TerminalRun } from '@labwire/userland/machine';
import type { Guests } from '../../world/index.ts';

/** Which programs of a command still run, and what each waits for: `ping waits for a reply`. */
export function whatRuns(run: TerminalRun): string {
  const shell = run.shell;
  if (shell === undefined) return '';
  const programs = [...shell.machine.processes.values()].filter((p) => descends(p, shell));
  const leaves = programs.filter((p) => !programs.some((q) => q.parent === p));
  return leaves.map(describe).join(', ');
}

/** Whether a program of a command is a guest outside the simulation, which runs as long as somebody wants it to. */
export function runsRealGuest(run: TerminalRun, guests: Guests): boolean {
  const { shell } = run;
  if (shell === undefined || !guests.isReal) return false;
  return [...shell.machine.processes.values()].some(
    (p) => descends(p, shell) && guests.realOf(p)?.isUp === true,
  );
}

function descends(proc: Process, ancestor: Process): boolean {
  for (let p = proc.parent; p !== undefined; p = p.parent) if (p === ancestor) return true;
  return false;
}

function describe(proc: Process): string {
  return `${proc.comm} (${proc.pid}) waits for ${proc.task?.waitsFor ?? 'its turn'}`;
}
