import type { ManualSection } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../../context/index.ts';
import { wordRows } from '../../parse/index.ts';
import { addTun, deleteTun } from './manage.ts';
import { OWNER_WORDS, TUN_WORDS } from './parse.ts';
import { showTuns } from './show.ts';
import { TUNTAP_USAGE } from './usage.ts';

/** The commands, in the order in which an abbreviation is looked up. */
const COMMANDS: CommandSet = {
  name: 'ip tuntap',
  usage: TUNTAP_USAGE,
  bare: showTuns,
  commands: [
    ...commands('add', addTun),
    ...commands('delete', deleteTun),
    ...commands('show lst list', showTuns),
  ],
};

/** `ip tuntap …` */
export function ipTuntap(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip tuntap` can be told. */
export const tuntapManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip tuntap add', rows: wordRows(OWNER_WORDS) },
  { title: 'ip tuntap add, delete', rows: wordRows(TUN_WORDS) },
];
