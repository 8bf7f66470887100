import { civilTime, two } from '../../http/index.ts';
import type { Process } from '../../machine/index.ts';
import type { NetplanConfig } from '../config/index.ts';

/** Prints a configuration's warnings as GLib does. */
export async function warn(proc: Process, program: string, config: NetplanConfig): Promise<void> {
  const { wallClock } = proc.machine;
  const { hour, minute, second } = civilTime(wallClock);
  const millis = String(Math.floor((wallClock % 1) * 1000)).padStart(3, '0');
  const time = `${two(hour)}:${two(minute)}:${two(second)}.${millis}`;
  for (const text of config.warnings)
    await proc.err(`\n** (${program}:${proc.pid}): WARNING **: ${time}: ${text}\n`);
}
