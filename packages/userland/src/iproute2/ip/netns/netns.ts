import type { ManualSection } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../../context/index.ts';
import { Exit, unsupported } from '../../parse/index.ts';
import { netnsExec } from './exec.ts';
import { netnsList, netnsListId, netnsSet } from './ids.ts';
import { netnsAdd, netnsAttach, netnsDelete } from './manage.ts';
import { netnsIdentify, netnsPids } from './members.ts';
import { isNetnsName } from './nsfs.ts';
import { NETNS_USAGE } from './usage.ts';

function help(): never {
  throw new Exit(255, NETNS_USAGE);
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipnetns.c, do_netns(). */
const COMMANDS: CommandSet = {
  name: 'ip netns',
  bare: netnsList,
  commands: [
    ...commands('list show lst', netnsList),
    ...commands('list-id', netnsListId),
    ...commands('help', help),
    ...commands('add', netnsAdd),
    ...commands('set', netnsSet),
    ...commands('delete', netnsDelete),
    ...commands('identify', netnsIdentify),
    ...commands('pids', netnsPids),
    ...commands('exec', netnsExec),
    ...refusedCommands('monitor', () => unsupported('ip netns monitor', 'ip netns list')),
    ...commands('attach', netnsAttach),
  ],
};

/** `ip netns …` */
export async function ipNetns(ctx: Context, words: readonly string[]): Promise<number> {
  const [, name] = words;
  if (!ctx.options.all && name !== undefined && !isNetnsName(name))
    throw new Exit(255, `Invalid netns name "${name}"\n`);
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip netns` can be told. */
export const netnsManual = (): ManualSection[] => [commandSection(COMMANDS)];
