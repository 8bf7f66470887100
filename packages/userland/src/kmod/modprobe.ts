import { loadTunnelModule } from '@labwire/devices/link';
import { tool } from '../coreutils/index.ts';
import { KERNEL_VERSIONS, type Process, type Program } from '../machine/index.ts';
import { LOADABLE, MODULES, moduleName } from './modules.ts';

/** modprobe(8): everything that Labwire does is built in, so there is nothing to load. */
export const modprobe: Program = tool(
  {
    name: 'modprobe',
    letters: 'arvqf',
    longs: { all: 'a', remove: 'r', verbose: 'v', quiet: 'q', 'first-time': 'first-time' },
  },
  async (proc, options, operands) => {
    const [first] = operands;
    if (first === undefined) {
      await proc.err('modprobe: ERROR: missing parameters. See -h.\n');
      return 1;
    }
    // without -a, what follows the first word are the module's parameters
    let status = 0;
    for (const word of options.has('a', 'r') ? operands : [first]) {
      const trouble = troubleWith(proc, word, options.has('r'));
      if (trouble === undefined) continue;
      if (!options.has('q')) await proc.err(`modprobe: ${trouble}\n`);
      status = 1;
    }
    return status;
  },
);

function troubleWith(proc: Process, word: string, remove: boolean): string | undefined {
  if (proc.uid !== 0)
    return `ERROR: could not ${remove ? 'remove' : 'insert'} '${word}': Operation not permitted`;
  const tunnels = LOADABLE.get(moduleName(word));
  if (tunnels !== undefined && !remove) loadTunnelModule(proc.machine.kernel, tunnels);
  if (MODULES.has(moduleName(word)))
    return remove ? `FATAL: Module ${word} is builtin.` : undefined;
  const { release } = KERNEL_VERSIONS[proc.machine.kernel.profile];
  return `FATAL: Module ${word} not found${remove ? '.' : ` in directory /lib/modules/${release}`}`;
}

/** lsmod(8): what is built in is not listed. */
export const lsmod: Program = async (proc) => {
  if (proc.argv.length > 1) {
    await proc.err('Usage: lsmod\n');
    return 1;
  }
  await proc.out('Module                  Size  Used by\n');
  return 0;
};
