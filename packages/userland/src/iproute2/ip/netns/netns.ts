import type { Context } from '../../context/index.ts';
import { Exit, matches, unsupported } from '../../parse/index.ts';
import { netnsExec } from './exec.ts';
import { netnsList, netnsListId, netnsSet } from './ids.ts';
import { netnsAdd, netnsAttach, netnsDelete } from './manage.ts';
import { netnsIdentify, netnsPids } from './members.ts';
import { isNetnsName } from './nsfs.ts';
import { NETNS_USAGE } from './usage.ts';

type Command = (ctx: Context, words: readonly string[]) => number | Promise<number>;

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipnetns.c, do_netns(). */
const COMMANDS: readonly (readonly [name: string, run: Command])[] = [
  ['list', netnsList],
  ['show', netnsList],
  ['lst', netnsList],
  ['list-id', netnsListId],
  [
    'help',
    () => {
      throw new Exit(255, NETNS_USAGE);
    },
  ],
  ['add', netnsAdd],
  ['set', netnsSet],
  ['delete', netnsDelete],
  ['identify', netnsIdentify],
  ['pids', netnsPids],
  ['exec', netnsExec],
  [
    'monitor',
    () => {
      throw unsupported('ip netns monitor', 'ip netns list');
    },
  ],
  ['attach', netnsAttach],
];

/** `ip netns …` */
export async function ipNetns(ctx: Context, words: readonly string[]): Promise<number> {
  const [command, ...rest] = words;
  if (command === undefined) return netnsList(ctx);
  const [name] = rest;
  if (!ctx.options.all && name !== undefined && !isNetnsName(name))
    throw new Exit(255, `Invalid netns name "${name}"\n`);
  const run = COMMANDS.find(([known]) => matches(command, known))?.[1];
  if (run === undefined)
    throw new Exit(255, `Command "${command}" is unknown, try "ip netns help".\n`);
  return run(ctx, rest);
}
