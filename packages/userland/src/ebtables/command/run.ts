/** Carries a command out on a table's draft. Source: iptables/nft.c */
import type { EbtChain, EbtRule } from '@labwire/devices/bridge';
import { IptablesError, OTHER_PROBLEM, parameterProblem } from '../../iptables/index.ts';
import { type EbtEdit, jumpOf } from '../edit.ts';
import { EbtShortError, NO_CHAIN } from '../failure.ts';
import type { Names } from '../names.ts';
import { extensionOf, isTarget, ruleText } from '../print.ts';
import type { EbtCommand } from './command.ts';

const NO_RULE = 'Bad rule (does a matching rule exist in that chain?)';
const TOO_BIG = 'Index of deletion too big';

/** Carries out a command. @returns what it prints */
export function runEbtCommand(c: EbtCommand, edit: EbtEdit, names: Names): string {
  switch (c.letter) {
    case 'A':
    case 'I':
      return addRule(c, edit, names);
    case 'D':
      return c.numbers === undefined ? deleteRule(c, edit, names) : deleteNumbers(c, edit);
    case 'check':
      return checkRule(c, edit, names);
    case 'P':
      return setPolicy(c, edit);
    case 'N':
      return makeChain(c.chain ?? '', edit);
    case 'E':
      return rename(c, edit);
    case 'X':
      return deleteChains(c, edit);
    case 'F':
      return flush(c, edit);
    case 'Z':
      return zero(c, edit);
    case 'L':
      return list(c, edit, names) + (c.zeroes ? zero(c, edit) : '');
    case 'init':
      edit.clear();
      return '';
    default:
      throw new EbtShortError(NO_CHAIN);
  }
}

/** The chain that a command names, or all. */
function chosen(c: EbtCommand, edit: EbtEdit): EbtChain[] {
  if (c.chain !== undefined) return [edit.chain(c.chain)];
  return edit.listed().filter(({ name }) => edit.chains.has(name));
}

function said(c: EbtCommand, text: string): string {
  return c.verbose ? `${text}\n` : '';
}

function addRule(c: EbtCommand, edit: EbtEdit, names: Names): string {
  needChain(c.rule, edit);
  const chain = edit.chain(c.chain ?? '');
  if (c.letter === 'A') edit.add(chain, c.rule, 'RULE_APPEND');
  else {
    if (c.at - 1 > chain.rules.length) throw new EbtShortError('Index of insertion too big');
    edit.add(chain, c.rule, 'RULE_INSERT', c.at - 1);
  }
  return said(c, ruleText(c.rule, names));
}

function needChain(rule: EbtRule, edit: EbtEdit): void {
  const to = jumpOf(rule);
  if (to !== undefined && !edit.chains.has(to))
    throw parameterProblem(`Chain '${to}' does not exist`);
}

/** What two rules must have alike to be the same; watchers do not count. `nft_rule_cmp()` */
function sameness(rule: EbtRule, names: Names): string {
  const matches = rule.steps.filter((s) => s.kind !== 'log' && s.kind !== 'nflog' && !isTarget(s));
  const asked = matches.map((m) => extensionOf(m).print(m, names)).join('');
  return asked + ruleText({ ...rule, steps: rule.steps.filter(isTarget) }, names);
}

function findRule(chain: EbtChain, rule: EbtRule, names: Names): number {
  const text = sameness(rule, names);
  const at = chain.rules.findIndex((r) => sameness(r, names) === text);
  if (at < 0) throw new EbtShortError(NO_RULE);
  return at;
}

function deleteRule(c: EbtCommand, edit: EbtEdit, names: Names): string {
  needChain(c.rule, edit);
  const chain = edit.chain(c.chain ?? '');
  chain.rules.splice(findRule(chain, c.rule, names), 1);
  return said(c, ruleText(c.rule, names));
}

function checkRule(c: EbtCommand, edit: EbtEdit, names: Names): string {
  needChain(c.rule, edit);
  findRule(edit.chain(c.chain ?? ''), c.rule, names);
  return said(c, ruleText(c.rule, names));
}

/** `N` or `N:M`. As in 1.8.9 each number counts after the rules before it have gone, so that a range takes every other. */
function deleteNumbers(c: EbtCommand, edit: EbtEdit): string {
  const chain = edit.chain(c.chain ?? '');
  const [from, to] = c.numbers as readonly [number, number];
  let at = from - 1;
  do {
    if (at < 0 || at >= chain.rules.length) throw new EbtShortError(TOO_BIG);
    chain.rules.splice(at, 1);
    at++;
  } while (at < to);
  return '';
}

function setPolicy({ chain: name = '', policy, makesChain }: EbtCommand, edit: EbtEdit): string {
  if (makesChain) makeChain(name, edit);
  const isHook = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'].includes(name);
  if (isHook && policy === 'RETURN')
    throw parameterProblem('Policy RETURN only allowed for user defined chains');
  if (isHook && !edit.isBase(name)) throw new EbtShortError('Bad built-in chain name');
  edit.chain(name).policy = policy ?? 'ACCEPT';
  return '';
}

function makeChain(name: string, edit: EbtEdit): string {
  if (edit.isBase(name) || edit.chains.has(name)) throw new EbtShortError('Chain already exists');
  edit.ensure(name);
  return '';
}

function rename({ chain: name = '', newName = '' }: EbtCommand, edit: EbtEdit): string {
  if (edit.chains.has(newName)) throw new EbtShortError('File exists');
  if (edit.isBase(name) && edit.chains.has(name))
    throw parameterProblem(`Labwire does not rename ${name}; -E is for chains of your own`);
  const chain = edit.chains.get(name);
  if (chain === undefined) throw new EbtShortError(NO_CHAIN);
  edit.rename(chain, newName);
  return '';
}

/** All of the user's, and base chains that nothing is in. `nft_chain_del()` */
function deleteChains(c: EbtCommand, edit: EbtEdit): string {
  for (const chain of chosen(c, edit)) {
    const isBase = edit.isBase(chain.name);
    const stays = chain.rules.length > 0 || chain.policy !== 'ACCEPT';
    if (!isBase) edit.delete(chain);
    else if (!stays) edit.chains.delete(chain.name);
    else if (c.chain !== undefined) throw new EbtShortError('Directory not empty');
  }
  return '';
}

function flush(c: EbtCommand, edit: EbtEdit): string {
  const chains = c.verbose && c.chain === undefined ? edit.listed() : chosen(c, edit);
  for (const chain of chains) chain.rules = [];
  return chains.map((chain) => said(c, `Flushing chain \`${chain.name}'`)).join('');
}

function zero(c: EbtCommand, edit: EbtEdit): string {
  const chains = chosen(c, edit);
  for (const { rules } of chains)
    for (const { counters } of rules) Object.assign(counters, { packets: 0, bytes: 0 });
  return chains.map((chain) => said(c, `Zeroing chain \`${chain.name}'`)).join('');
}

function list(c: EbtCommand, edit: EbtEdit, names: Names): string {
  const chains = edit.listed().filter(({ name }) => c.chain === undefined || name === c.chain);
  if (chains.length === 0)
    throw new IptablesError(
      OTHER_PROBLEM,
      `chain \`${c.chain}' in table \`${edit.name}' is incompatible, use 'nft' tool.`,
    );
  const blocks = chains.map((chain) => {
    const { name, rules } = chain;
    const policy = edit.isBase(name) ? chain.policy : 'RETURN';
    const head = `Bridge chain: ${name}, entries: ${rules.length}, policy: ${policy}\n`;
    return head + rules.map((r, i) => ruleLine(r, i + 1, c, names)).join('');
  });
  return `Bridge table: ${edit.name}\n\n${blocks.join('\n')}`;
}

function ruleLine(rule: EbtRule, no: number, c: EbtCommand, names: Names): string {
  const { packets, bytes } = rule.counters;
  const number = c.lineNumbers ? `${no} ` : '';
  const counters = c.counters ? ` , pcnt = ${packets} -- bcnt = ${bytes}` : '';
  return `${number}${ruleText(rule, names)}${counters}\n`;
}
