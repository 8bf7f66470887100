import type { Process } from '../../machine/index.ts';
import type { NetplanConfig } from '../config/index.ts';

/** Prints a configuration's warnings as GLib does. */
export async function warn(proc: Process, program: string, config: NetplanConfig): Promise<void> {
  const time = new Date(Math.floor(proc.machine.wallClock)).toISOString().slice(11, 23);
  for (const text of config.warnings)
    await proc.err(`\n** (${program}:${proc.pid}): WARNING **: ${time}: ${text}\n`);
}
