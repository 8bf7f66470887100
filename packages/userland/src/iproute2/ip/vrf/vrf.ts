import type { Context } from '../../context/index.ts';
import { Exit, matches } from '../../parse/index.ts';
import { vrfExec } from './exec.ts';
import { vrfIdentify, vrfPids } from './members.ts';
import { vrfShow } from './show.ts';
import { VRF_USAGE } from './usage.ts';

type Command = (ctx: Context, words: readonly string[]) => number | Promise<number>;

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipvrf.c, do_ipvrf(). */
const COMMANDS: readonly (readonly [name: string, run: Command])[] = [
  ['identify', vrfIdentify],
  ['pids', vrfPids],
  ['exec', vrfExec],
  ['show', vrfShow],
  ['lst', vrfShow],
  ['list', vrfShow],
  [
    'help',
    () => {
      throw new Exit(255, VRF_USAGE);
    },
  ],
];

/** `ip vrf …` */
export async function ipVrf(ctx: Context, words: readonly string[]): Promise<number> {
  const [command, ...rest] = words;
  if (command === undefined) return vrfShow(ctx, []);
  const run = COMMANDS.find(([known]) => matches(command, known))?.[1];
  if (run === undefined)
    throw new Exit(255, `Command "${command}" is unknown, try "ip vrf help".\n`);
  return run(ctx, rest);
}
