/** Carries out one command line. iptables/xtables.c, do_commandx(), and nft.c behind it. */
import type { XtChain, XtRule } from '@labwire/devices/netfilter';
import type { Family } from '@labwire/devices/rtnetlink';
import type { Process } from '../../machine/index.ts';
import { IptablesError, OTHER_PROBLEM, parameterProblem } from '../core/error.ts';
import type { PrintContext } from '../core/extension.ts';
import type { Command } from '../core/parse-command.ts';
import { chainHeading, type ListFormat, ruleLine } from '../core/print-rule.ts';
import { verboseRule } from '../core/print-verbose.ts';
import { sameRule } from '../core/same-rule.ts';
import { saveChain, saveRule } from '../core/save-rule.ts';
import { chainsInOrder, NO_CHAIN, references, ShortError, TableEdit } from '../core/tables.ts';

/** What a command is carried out with. */
export interface Run {
  readonly proc: Process;
  readonly family: Family;
  readonly names: PrintContext['names'];
}

const BAD_RULE = 'Bad rule (does a matching rule exist in that chain?).';
const TOO_BIG = 'Index of insertion too big.';

/** @returns what it prints. @throws IptablesError, ShortError */
export function runCommand(run: Run, c: Command): string {
  const edit = new TableEdit(run.proc.netns, run.family, c.table);
  let out = '';
  for (const letter of c.letters) {
    if (letter === 'Z' && c.letters.length > 1 && c.letters[0] === 'Z') continue;
    out += one(run, c, edit, letter);
  }
  if (c.letters[0] === 'Z' && c.letters.length > 1) out += one(run, c, edit, 'Z');
  return out;
}

function one(run: Run, c: Command, edit: TableEdit, letter: Command['letters'][number]): string {
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
      return newChain(c, edit);
    case 'X':
      return deleteChains(c, edit);
    case 'E':
      return renameChain(c, edit);
    case 'P':
      return setPolicy(c, edit);
  }
}

function chainName(c: Command): string {
  return c.chain ?? '';
}

/** A rule may jump only to a chain that is there. */
function checkJump(edit: TableEdit, rule: XtRule): void {
  const { target } = rule;
  if (
    (target?.kind === 'jump' || target?.kind === 'goto') &&
    !edit.table.chains.has(target.chain)
  ) {
    throw parameterProblem(`Chain '${target.chain}' does not exist`);
  }
}

function verbose(run: Run, c: Command, rules: readonly XtRule[]): string {
  if (c.verbose === 0) return '';
  return rules
    .map((r) => verboseRule(r, { family: run.family, numeric: true, names: run.names }))
    .join('');
}

function addRules(run: Run, c: Command, edit: TableEdit, letter: 'A' | 'I' | 'R'): string {
  for (const r of c.rules) checkJump(edit, r);
  const chain = edit.chain(chainName(c));
  const rules = [...chain.rules];
  const at = c.ruleNumber - 1;
  if (letter === 'A') rules.push(...c.rules);
  else if (letter === 'I') {
    if (at > rules.length) throw new ShortError(TOO_BIG);
    rules.splice(at, 0, ...c.rules);
  } else {
    if (at >= rules.length) throw new ShortError(NO_CHAIN);
    if (c.rules.length !== 1)
      throw parameterProblem('Replacement rule does not specify a unique address');
    rules.splice(at, 1, c.rules[0] as XtRule);
  }
  const what = letter === 'A' ? 'RULE_APPEND' : letter === 'I' ? 'RULE_INSERT' : 'RULE_REPLACE';
  edit.setRules(chain, rules, what);
  return verbose(run, c, c.rules);
}

function deleteRules(run: Run, c: Command, edit: TableEdit): string {
  const chain = edit.table.chains.get(chainName(c));
  if (c.byNumber) {
    if (chain === undefined || c.ruleNumber > chain.rules.length)
      throw new ShortError(chain === undefined ? NO_CHAIN : 'Index of deletion too big.');
    edit.setRules(
      chain,
      chain.rules.filter((_, i) => i !== c.ruleNumber - 1),
      'RULE_DELETE',
    );
    return '';
  }
  for (const r of c.rules) {
    checkJump(edit, r);
    if (chain === undefined) throw new ShortError(NO_CHAIN);
    const at = chain.rules.findIndex((x) => sameRule(x, r));
    if (at < 0) throw new ShortError(BAD_RULE);
    edit.setRules(
      chain,
      chain.rules.filter((_, i) => i !== at),
      'RULE_DELETE',
    );
  }
  return verbose(run, c, c.rules);
}

function checkRules(run: Run, c: Command, edit: TableEdit): string {
  const chain = edit.table.chains.get(chainName(c));
  for (const r of c.rules) {
    checkJump(edit, r);
    if (chain === undefined) throw new ShortError(NO_CHAIN);
    if (!chain.rules.some((x) => sameRule(x, r))) throw new ShortError(BAD_RULE);
  }
  return verbose(run, c, c.rules);
}

/** The chains that a listing is of. */
function listed(c: Command, edit: TableEdit): XtChain[] {
  if (c.chain === undefined) return chainsInOrder(edit.table);
  const chain = edit.table.chains.get(c.chain);
  if (chain === undefined)
    throw new IptablesError(
      OTHER_PROBLEM,
      `chain \`${c.chain}' in table \`${c.table}' is incompatible, use 'nft' tool.\n`,
    );
  return [chain];
}

function list(run: Run, c: Command, edit: TableEdit): string {
  const f: ListFormat = {
    family: run.family,
    numeric: c.options.has('-n'),
    names: run.names,
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

function listRules(run: Run, c: Command, edit: TableEdit): string {
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

function flush(c: Command, edit: TableEdit): string {
  const chains = c.chain === undefined ? chainsInOrder(edit.table) : [edit.chain(c.chain)];
  for (const ch of chains) ch.rules.length = 0;
  edit.commit();
  return c.verbose > 0 ? chains.map((ch) => `Flushing chain \`${ch.name}'\n`).join('') : '';
}

function zero(c: Command, edit: TableEdit): string {
  const chains = c.chain === undefined ? chainsInOrder(edit.table) : [edit.chain(c.chain)];
  for (const ch of chains) {
    if (c.ruleNumber === 0) Object.assign(ch.counters, { packets: 0, bytes: 0 });
    const rules = c.ruleNumber === 0 ? ch.rules : ch.rules.slice(c.ruleNumber - 1, c.ruleNumber);
    if (c.ruleNumber > ch.rules.length) throw new ShortError('Index of counter too big.');
    for (const r of rules) Object.assign(r.counters, { packets: 0, bytes: 0 });
  }
  return c.verbose > 0 ? chains.map((ch) => `Zeroing chain \`${ch.name}'\n`).join('') : '';
}

function newChain(c: Command, edit: TableEdit): string {
  const name = chainName(c);
  if (edit.table.chains.has(name)) throw new ShortError('Chain already exists.');
  edit.table.chains.set(name, {
    name,
    policy: undefined,
    counters: { packets: 0, bytes: 0 },
    rules: [],
  });
  edit.commit();
  return '';
}

function deleteChains(c: Command, edit: TableEdit): string {
  const { chains } = edit.table;
  const named = c.chain === undefined ? undefined : chains.get(c.chain);
  if (c.chain !== undefined && (named === undefined || named.policy !== undefined))
    throw new ShortError(NO_CHAIN);
  const going =
    named === undefined
      ? chainsInOrder(edit.table).filter((ch) => ch.policy === undefined)
      : [named];
  for (const ch of going) {
    if (references(edit.table, ch.name) > 0 || ch.rules.length > 0)
      throw edit.refused('CHAIN_DEL', 'EBUSY', `chain ${ch.name}`);
  }
  for (const ch of going) chains.delete(ch.name);
  edit.commit();
  return c.verbose > 0 ? going.map((ch) => `Deleting chain \`${ch.name}'\n`).join('') : '';
}

function renameChain(c: Command, edit: TableEdit): string {
  const chain = edit.chain(chainName(c));
  const to = c.newName ?? '';
  if (edit.table.chains.has(to)) throw new ShortError('File exists.');
  edit.table.chains.delete(chain.name);
  const renamed: XtChain = { ...chain, name: to };
  edit.table.chains.set(to, renamed);
  for (const ch of edit.table.chains.values()) retarget(ch, chain.name, to);
  edit.commit();
  return '';
}

function retarget(chain: XtChain, from: string, to: string): void {
  chain.rules.forEach((r, i) => {
    const { target } = r;
    if ((target?.kind === 'jump' || target?.kind === 'goto') && target.chain === from) {
      chain.rules[i] = { ...r, target: { ...target, chain: to } };
    }
  });
}

function setPolicy(c: Command, edit: TableEdit): string {
  const chain = edit.table.chains.get(chainName(c));
  if (c.policy !== 'ACCEPT' && c.policy !== 'DROP')
    throw new ShortError("Bad policy name. Run `dmesg' for more information.");
  if (chain?.policy === undefined) throw new ShortError('Bad built-in chain name.');
  chain.policy = c.policy;
  if (c.counters !== undefined) Object.assign(chain.counters, c.counters);
  edit.commit();
  return '';
}
