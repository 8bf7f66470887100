import type { ManualSection } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../../context/index.ts';
import { Exit } from '../../parse/index.ts';
import { vrfExec } from './exec.ts';
import { vrfIdentify, vrfPids } from './members.ts';
import { vrfShow } from './show.ts';
import { VRF_USAGE } from './usage.ts';

function help(): never {
  throw new Exit(255, VRF_USAGE);
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/ipvrf.c, do_ipvrf(). */
const COMMANDS: CommandSet = {
  name: 'ip vrf',
  bare: vrfShow,
  commands: [
    ...commands('identify', vrfIdentify),
    ...commands('pids', vrfPids),
    ...commands('exec', vrfExec),
    ...commands('show lst list', vrfShow),
    ...commands('help', help),
  ],
};

/** `ip vrf …` */
export async function ipVrf(ctx: Context, words: readonly string[]): Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip vrf` can be told. */
export const vrfManual = (): ManualSection[] => [commandSection(COMMANDS)];
