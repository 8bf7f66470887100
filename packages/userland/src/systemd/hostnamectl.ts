import { ToolError, tool, UsageError } from '../coreutils/index.ts';
import type { Process, Program } from '../machine/index.ts';

const LONGEST = 64;

/** hostnamectl(1), as far as the name goes: `hostname [NAME]`, `set-hostname NAME`. Kept in /etc/hostname. */
export const hostnamectl: Program = tool(
  { name: 'hostnamectl', letters: '', usage: '' },
  async (proc, _, [verb = 'status', ...names]) => {
    if (verb !== 'hostname' && verb !== 'set-hostname')
      throw new UsageError(
        verb === 'status'
          ? "Labwire's hostnamectl tells and sets the name only: hostname [NAME], set-hostname NAME"
          : `Unknown command verb ${verb}.`,
      );
    const [name] = names;
    if (names.length > 1) throw new ToolError('Too many arguments.');
    if (name !== undefined) setHostname(proc, name);
    else if (verb === 'set-hostname') throw new ToolError('Too few arguments.');
    else await proc.out(`${proc.machine.hostname}\n`);
    return 0;
  },
);

function setHostname(proc: Process, name: string): void {
  if (proc.uid !== 0)
    throw new ToolError('Could not set static hostname: Interactive authentication required.');
  if (name.length > LONGEST || !/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name))
    throw new ToolError(`Invalid hostname '${name}'`);
  proc.machine.hostname = name;
  proc.fs.writeFile('/etc/hostname', `${name}\n`);
}
