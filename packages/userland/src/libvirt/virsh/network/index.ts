import type { CommandDef } from '../command.ts';
import { editCommand } from './edit.ts';
import { leasesCommand } from './leases.ts';
import { lifecycleCommands } from './lifecycle.ts';
import { portCommands } from './ports.ts';
import { showCommands } from './show.ts';
import { updateCommand } from './update.ts';

/** virsh's commands of networks. libvirt tools/virsh-network.c */
export const networkCommands: readonly CommandDef[] = [
  ...lifecycleCommands,
  ...showCommands,
  updateCommand,
  ...portCommands,
  editCommand,
  leasesCommand,
];
