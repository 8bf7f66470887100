/** -L and -S. iptables/nft.c, nft_rule_list() and nft_rule_list_save(). */
import type { XtChain, XtRule } from '@labwire/devices/netfilter';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { isAny } from '../core/address.ts';
import { IptablesError, OTHER_PROBLEM } from '../core/error.ts';
import type { PrintContext } from '../core/extension.ts';
import type { Command } from '../core/parse-command.ts';
import { chainHeading, type ListFormat, ruleLine } from '../core/print-rule.ts';
import { saveChain, saveRule } from '../core/save-rule.ts';
import { references, type TableEdit } from '../core/tables.ts';
import type { Run } from './run-command.ts';

/** The chains that a listing is of. */
function listed(c: Command, edit: TableEdit): XtChain[] {
  const all = edit.listed();
  if (c.chain === undefined) return all;
  const chain = all.find((ch) => ch.name === c.chain);
  if (chain === undefined)
    throw new IptablesError(
      OTHER_PROBLEM,
      `chain \`${c.chain}' in table \`${c.table}' is incompatible, use 'nft' tool.`,
    );
  return [chain];
}

/** The addresses that {@link list} shows by name if they have one. */
export function listedAddresses(c: Command, edit: TableEdit): InetAddr[] {
  const rules = listed(c, edit).flatMap((ch) => ch.rules);
  return rules.flatMap((r) =>
    [r.src, r.dst].flatMap((m) => (m === undefined || isAny(m.mask) ? [] : [m.addr])),
  );
}

/** `-L` */
export function list(run: Run, c: Command, edit: TableEdit): string {
  const f: ListFormat = {
    family: run.family,
    numeric: c.options.has('-n'),
    names: run.names,
    hosts: run.hosts,
    verbose: c.verbose > 0,
    exact: c.options.has('-x'),
    lineNumbers: c.options.has('-0'),
  };
  const chains = listed(c, edit);
  if (c.ruleNumber > 0) {
    const rule = chains[0]?.rules[c.ruleNumber - 1];
    return rule === undefined ? '' : ruleLine(rule, c.ruleNumber, f);
  }
  return chains
    .map(
      (ch) =>
        chainHeading(ch, references(edit.table, ch.name), f) +
        ch.rules.map((r, i) => ruleLine(r, i + 1, f)).join(''),
    )
    .join('\n');
}

/** `-S` */
export function listRules(run: Run, c: Command, edit: TableEdit): string {
  const ctx: PrintContext = { family: run.family, numeric: true, names: run.names };
  const chains = listed(c, edit);
  const counters = c.verbose > 0;
  const text = (ch: XtChain, r: XtRule): string =>
    saveRule(ch.name, r, ctx, counters ? 'inside' : 'none');
  if (c.ruleNumber > 0) {
    const [ch] = chains as [XtChain];
    const rule = ch.rules[c.ruleNumber - 1];
    return rule === undefined ? '' : text(ch, rule);
  }
  return (
    chains.map((ch) => saveChain(ch, counters)).join('') +
    chains.flatMap((ch) => ch.rules.map((r) => text(ch, r))).join('')
  );
}
