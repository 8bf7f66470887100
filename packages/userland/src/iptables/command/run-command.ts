/** Carries out one command on the draft of its table. iptables/xtables.c, do_commandx(), and nft.c behind it. */
import type { Family } from '@labwire/devices/rtnetlink';
import type { PrintContext } from '../core/extension.ts';
import type { CommandLetter } from '../core/options.ts';
import type { Command } from '../core/parse-command.ts';
import type { TableEdit } from '../core/tables.ts';
import { deleteChains, flush, newUserChain, renameChain, setPolicy, zero } from './chains.ts';
import { list, listRules } from './list.ts';
import { addRules, checkRules, deleteRules } from './rules.ts';

/** Names of addresses, by their text. */
export type HostNames = ReadonlyMap<string, string>;

/** What a command is carried out with. */
export interface Run {
  readonly family: Family;
  readonly names: PrintContext['names'];
  readonly hosts: HostNames;
}

/** @returns what it prints. @throws IptablesError, ShortError */
export function runCommand(run: Run, c: Command, edit: TableEdit): string {
  const order = [...c.letters].sort((a, b) => Number(a === 'Z') - Number(b === 'Z'));
  return order.map((letter) => one(run, c, edit, letter)).join('');
}

function one(run: Run, c: Command, edit: TableEdit, letter: CommandLetter): string {
  switch (letter) {
    case 'A':
    case 'I':
    case 'R':
      return addRules(run, c, edit, letter);
    case 'D':
      return deleteRules(run, c, edit);
    case 'C':
      return checkRules(run, c, edit);
    case 'L':
      return list(run, c, edit);
    case 'S':
      return listRules(run, c, edit);
    case 'F':
      return flush(c, edit);
    case 'Z':
      return zero(c, edit);
    case 'N':
      return newUserChain(c, edit);
    case 'X':
      return deleteChains(c, edit);
    case 'E':
      return renameChain(c, edit);
    case 'P':
      return setPolicy(c, edit);
  }
}
