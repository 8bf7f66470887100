/** -N, -X, -E, -P, -F and -Z. iptables/nft.c, nft_chain_user_add() and its neighbours. */
import type { XtChain } from '@labwire/devices/netfilter';
import { IptablesError, OTHER_PROBLEM } from '../core/error.ts';
import type { Command } from '../core/parse-command.ts';
import { NO_CHAIN, ShortError, type TableEdit } from '../core/tables.ts';

/** The chain that a command names, or all there are. @throws ShortError */
function chosen(c: Command, edit: TableEdit): XtChain[] {
  return c.chain === undefined ? [...edit.table.chains.values()] : [edit.chain(c.chain)];
}

function told(c: Command, doing: string, chains: readonly XtChain[]): string {
  return c.verbose > 0 ? chains.map((ch) => `${doing} chain \`${ch.name}'\n`).join('') : '';
}

/** `-F`. @returns what -v prints */
export function flush(c: Command, edit: TableEdit): string {
  if (c.chain !== undefined) edit.ensure(c.chain);
  else if (c.verbose > 0) for (const ch of edit.listed()) edit.ensure(ch.name);
  const chains = c.chain === undefined && c.verbose > 0 ? edit.listed() : chosen(c, edit);
  for (const ch of chains) ch.rules.length = 0;
  return told(c, 'Flushing', chains);
}

/** `-Z`. @returns what -v prints */
export function zero(c: Command, edit: TableEdit): string {
  if (c.ruleNumber > 0) {
    zeroRules(edit.chain(c.chain ?? ''), c.ruleNumber - 1, c.ruleNumber);
    return '';
  }
  const chains = c.chain === undefined ? existing(edit) : [edit.chain(c.chain)];
  for (const ch of chains) {
    if (ch.policy !== undefined) setCounters(ch, 0, 0);
    zeroRules(ch, 0, ch.rules.length);
  }
  return told(c, 'Zeroing', chains);
}

function existing(edit: TableEdit): XtChain[] {
  return edit.listed().filter((ch) => edit.table.chains.has(ch.name));
}

function setCounters(ch: XtChain, packets: number, bytes: number): void {
  ch.counters = { packets, bytes };
  ch.counted = true;
}

/** Rules that have counted are replaced by new ones. */
function zeroRules(ch: XtChain, from: number, to: number): void {
  ch.rules.forEach((r, i) => {
    if (i < from || i >= to || (r.counters.packets === 0 && r.counters.bytes === 0)) return;
    ch.rules[i] = { ...r, counters: { packets: 0, bytes: 0 } };
  });
}

/** `-N` */
export function newUserChain(c: Command, edit: TableEdit): string {
  const name = c.chain ?? '';
  if (edit.isBuiltin(name) || edit.table.chains.has(name))
    throw new ShortError('Chain already exists.');
  edit.create(name);
  return '';
}

/** Base chains go too if they are as the kernel makes them. `nft_may_delete_chain()` */
function mayGo(ch: XtChain): boolean {
  return ch.policy === undefined || (ch.policy === 'ACCEPT' && ch.rules.length === 0);
}

/** `-X`. @returns what -v prints */
export function deleteChains(c: Command, edit: TableEdit): string {
  const chains = c.chain === undefined && c.verbose > 0 ? existing(edit) : chosen(c, edit);
  if (c.chain !== undefined && !chains.every(mayGo)) throw new ShortError('Directory not empty.');
  const going = chains.filter(mayGo);
  for (const ch of going) edit.delete(ch);
  return told(
    c,
    'Deleting',
    going.filter((ch) => ch.policy === undefined),
  );
}

/** `-E` */
export function renameChain(c: Command, edit: TableEdit): string {
  const to = c.newName ?? '';
  if (edit.isBuiltin(to) || edit.table.chains.has(to)) throw new ShortError('File exists.');
  const chain = edit.chain(c.chain ?? '', NO_CHAIN);
  if (chain.policy !== undefined) {
    throw new IptablesError(
      OTHER_PROBLEM,
      `chain '${chain.name}' cannot be renamed here: Labwire renames user-defined chains only`,
    );
  }
  edit.rename(chain, to);
  return '';
}

/** `-P`, and a chain's line in iptables-restore, which may bring counters and leave the policy (`-`) as it is. */
export function setPolicy(
  c: Pick<Command, 'chain' | 'policy' | 'counters'>,
  edit: TableEdit,
): string {
  const name = c.chain ?? '';
  const { policy } = c;
  if (policy !== 'ACCEPT' && policy !== 'DROP' && policy !== '-')
    throw new ShortError('Bad policy name.', " Run `dmesg' for more information.");
  edit.ensure(name);
  const chain = edit.table.chains.get(name);
  if (!edit.isBuiltin(name) || chain === undefined)
    throw new ShortError('Bad built-in chain name.');
  if (policy !== '-') chain.policy = policy;
  setCounters(chain, c.counters?.packets ?? 0, c.counters?.bytes ?? 0);
  return '';
}
