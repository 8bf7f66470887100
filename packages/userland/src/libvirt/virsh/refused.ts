import { LibvirtError } from '../base/index.ts';
import type { CommandDef } from './command.ts';

/** A command of virsh that Labwire does not have: it takes any words, and says so. */
export function refusedCommand(name: string): CommandDef {
  return {
    name,
    unconnected: true,
    options: [{ name: 'words', type: 'argv', help: '' }],
    run: async () => {
      throw new LibvirtError(
        'no-support',
        `Labwire has no ${name}; of virsh it has the commands of networks and of domains ('virsh help network', 'virsh help domain')`,
      );
    },
  };
}
