import type { CommandDef } from '../command.ts';
import { addressCommands } from './addresses.ts';
import { consoleCommands } from './console.ts';
import { withDomain } from './domain-option.ts';
import { edit } from './edit.ts';
import { interfaceCommands } from './interfaces.ts';
import { lifecycleCommands } from './lifecycle.ts';
import { showCommands } from './show.ts';

/** virsh's commands of domains. libvirt tools/virsh-domain.c, virsh-domain-monitor.c */
export const domainCommands: readonly CommandDef[] = [
  ...lifecycleCommands,
  edit,
  ...consoleCommands,
  ...showCommands,
  ...interfaceCommands,
  ...addressCommands,
].map(withDomain);
