/** Carries commands out. Source: iptables/nft.c */
import type { ArpChain, ArpRule } from '@labwire/devices/arptables';
import {
  IptablesError,
  NO_CHAIN,
  OTHER_PROBLEM,
  parameterProblem,
  ShortError,
} from '../iptables/index.ts';
import type { ArpCommand } from './command.ts';
import { type ArpEdit, jumpOf } from './edit.ts';
import { ruleText, SAVED } from './print.ts';

const NO_RULE = 'Bad rule (does a matching rule exist in that chain?).';

/** Carries out a command. @returns what it prints */
export function runArpCommand(c: ArpCommand, edit: ArpEdit): string {
  switch (c.letter) {
    case 'A':
    case 'I':
    case 'R':
      return addRules(c, edit);
    case 'D':
      return c.number > 0 ? deleteNumber(c, edit) : deleteRules(c, edit);
    case 'C':
      for (const r of c.rules) find(edit.chain(c.chain ?? ''), r);
      return '';
    case 'L':
      return list(c, edit) + (c.zeroes ? zero(c, edit) : '');
    case 'S':
      return listRules(c, edit);
    default:
      return runChainCommand(c, edit);
  }
}

function runChainCommand(c: ArpCommand, edit: ArpEdit): string {
  switch (c.letter) {
    case 'N':
      return newChain(c.chain ?? '', edit);
    case 'X':
      return deleteChains(c, edit);
    case 'E':
      return rename(c, edit);
    case 'P':
      return setPolicy(c.chain ?? '', c.policy ?? '', edit);
    case 'F':
      return flush(c, edit);
    default:
      return zero(c, edit);
  }
}

function chosen(c: ArpCommand, edit: ArpEdit): ArpChain[] {
  if (c.chain !== undefined) return [edit.chain(c.chain)];
  return edit.listed().filter(({ name }) => edit.chains.has(name));
}

function told(c: ArpCommand, doing: string, chains: readonly ArpChain[]): string {
  return c.verbose ? chains.map(({ name }) => `${doing} chain \`${name}'\n`).join('') : '';
}

function needChain(rule: ArpRule, edit: ArpEdit): void {
  const to = jumpOf(rule);
  if (to !== undefined && !edit.chains.has(to))
    throw parameterProblem(`Chain '${to}' does not exist`);
}

function addRules(c: ArpCommand, edit: ArpEdit): string {
  for (const rule of c.rules) {
    needChain(rule, edit);
    addRule(c, rule, edit.chain(c.chain ?? ''), edit);
  }
  if (!c.verbose) return '';
  const f = { numeric: true, interfaces: true };
  return c.rules.map((r) => `${ruleText(r, f)}\n`).join('');
}

function addRule(c: ArpCommand, rule: ArpRule, chain: ArpChain, edit: ArpEdit): void {
  const at = c.number - 1;
  if (c.letter === 'A') edit.add(chain, rule, 'RULE_APPEND', chain.rules.length);
  else if (c.letter === 'R') {
    if (at >= chain.rules.length) throw new ShortError('Index of replacement too big.');
    edit.add(chain, rule, 'RULE_REPLACE', at);
  } else {
    if (at > chain.rules.length) throw new ShortError('Index of insertion too big.');
    edit.add(chain, rule, 'RULE_INSERT', at);
  }
}

function find(chain: ArpChain, rule: ArpRule): number {
  const text = ruleText(rule, SAVED);
  const at = chain.rules.findIndex((r) => ruleText(r, SAVED) === text);
  if (at < 0) throw new ShortError(NO_RULE);
  return at;
}

function deleteRules(c: ArpCommand, edit: ArpEdit): string {
  for (const rule of c.rules) {
    needChain(rule, edit);
    const chain = edit.chain(c.chain ?? '');
    chain.rules.splice(find(chain, rule), 1);
  }
  return '';
}

function deleteNumber(c: ArpCommand, edit: ArpEdit): string {
  const { rules } = edit.chain(c.chain ?? '');
  if (c.number > rules.length) throw new ShortError('Index of deletion too big.');
  rules.splice(c.number - 1, 1);
  return '';
}

function newChain(name: string, edit: ArpEdit): string {
  if (edit.isBase(name) || edit.chains.has(name)) throw new ShortError('Chain already exists.');
  edit.ensure(name);
  return '';
}

function deleteChains(c: ArpCommand, edit: ArpEdit): string {
  const own: ArpChain[] = [];
  for (const chain of chosen(c, edit)) {
    const isEmpty = chain.rules.length === 0 && chain.policy !== 'DROP';
    if (!edit.isBase(chain.name)) own.push(chain);
    else if (isEmpty) edit.chains.delete(chain.name);
    else if (c.chain !== undefined) throw new ShortError('Directory not empty.');
  }
  for (const chain of own) edit.delete(chain);
  return told(c, 'Deleting', own);
}

function rename({ chain: name = '', newName = '' }: ArpCommand, edit: ArpEdit): string {
  if (edit.isBase(newName) || edit.chains.has(newName)) throw new ShortError('File exists.');
  const chain = edit.isBase(name) ? undefined : edit.chains.get(name);
  if (chain === undefined) throw new ShortError(NO_CHAIN);
  edit.rename(chain, newName);
  return '';
}

/** `-P`, and a base chain's line in arptables-restore's input. */
export function setPolicy(name: string, policy: string, edit: ArpEdit): string {
  if (policy !== 'ACCEPT' && policy !== 'DROP')
    throw new ShortError("Bad policy name. Run `dmesg' for more information.");
  if (!edit.isBase(name)) throw new ShortError('Bad built-in chain name.');
  edit.ensure(name).policy = policy;
  return '';
}

function flush(c: ArpCommand, edit: ArpEdit): string {
  const chains =
    c.verbose && c.chain === undefined
      ? edit.listed().map(({ name }) => edit.chain(name))
      : chosen(c, edit);
  for (const chain of chains) chain.rules = [];
  return told(c, 'Flushing', chains);
}

function zero(c: ArpCommand, edit: ArpEdit): string {
  const chains = chosen(c, edit);
  for (const { rules } of chains)
    for (const { counters } of rules) Object.assign(counters, { packets: 0, bytes: 0 });
  return told(c, 'Zeroing', chains);
}

/** The chains that a listing is of. */
function listed(c: ArpCommand, edit: ArpEdit): ArpChain[] {
  const chains = edit.listed().filter(({ name }) => c.chain === undefined || name === c.chain);
  if (chains.length === 0)
    throw new IptablesError(
      OTHER_PROBLEM,
      `chain \`${c.chain}' in table \`filter' is incompatible, use 'nft' tool.`,
    );
  return chains;
}

function list(c: ArpCommand, edit: ArpEdit): string {
  const line = (r: ArpRule, no: number): string => {
    const { packets, bytes } = r.counters;
    const number = c.lineNumbers ? `${no} ` : '';
    const counters = c.verbose ? ` , pcnt=${packets} -- bcnt=${bytes} ` : '';
    return `${number}${ruleText(r, { numeric: c.numeric, interfaces: c.verbose })}${counters}\n`;
  };
  const chains = listed(c, edit);
  if (c.number > 0) {
    const rule = chains[0]?.rules[c.number - 1];
    return rule === undefined ? '' : line(rule, c.number);
  }
  const blocks = chains.map((chain) => {
    const counters = c.verbose ? ' 0 packets, 0 bytes' : '';
    const of =
      chain.policy === undefined
        ? `${edit.references(chain.name)} references`
        : `policy ${chain.policy}${counters}`;
    return `Chain ${chain.name} (${of})\n${chain.rules.map((r, i) => line(r, i + 1)).join('')}`;
  });
  return blocks.join('\n');
}

function listRules(c: ArpCommand, edit: ArpEdit): string {
  const chains = listed(c, edit);
  const heads = chains.map(({ name, policy }) =>
    policy === undefined ? `-N ${name}\n` : `-P ${name} ${policy}\n`,
  );
  return heads.join('') + chains.flatMap(rulesOf).join('');
}

/** A chain's rules, each as it would be typed. */
export function rulesOf({ name, rules }: ArpChain): string[] {
  return rules.map((r) => `-A ${name} ${ruleText(r, SAVED)}\n`);
}
