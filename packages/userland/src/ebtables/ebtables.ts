import {
  EBT_BASE_CHAINS,
  type EbtChain,
  type EbtPolicy,
  type EbtRule,
  EbtTable,
} from '@labwire/devices/bridge';
import type { Process, Program } from '../machine/index.ts';
import { type CommandLine, readCommandLine, TableFailure } from './command-line.ts';
import { badParameter, EbtFailure, notThere, refusedChange } from './failure.ts';
import { type Names, namesOf } from './names.ts';
import { listing, ruleText } from './print.ts';
import { checkChain, unfit } from './rule-options.ts';
import { USAGE } from './usage.ts';

const VERSION = 'ebtables 1.8.9 (nf_tables)\n';
const NO_CHAIN = 'No chain/target/match by that name';
const NOT_ROOT =
  'ebtables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)';

/** ebtables(8), as ebtables-nft. Source: iptables xtables-eb.c, do_commandeb(). */
export const ebtables: Program = async (proc) => {
  const argv = proc.argv.slice(1);
  if (argv.includes('-V') || argv.includes('--version')) {
    await proc.out(VERSION);
    return 0;
  }
  if (argv.length === 0 || argv.includes('-h') || argv.includes('--help')) {
    await proc.out(VERSION + USAGE);
    return 0;
  }
  try {
    await run(proc, argv);
    return 0;
  } catch (e) {
    if (e instanceof TableFailure) {
      await proc.err(`ebtables v1.8.9 (nf_tables): ${e.message}\n`);
      return 3;
    }
    if (!(e instanceof EbtFailure)) throw e;
    await proc.err(`${e.message}\n`);
    return e.status;
  }
};

async function run(proc: Process, argv: readonly string[]): Promise<void> {
  if (proc.uid !== 0) throw new EbtFailure(NOT_ROOT, 4);
  const names = namesOf(proc.fs);
  const line = readCommandLine(argv, names);
  proc.netns.ebtables ??= new EbtTable();
  const table = proc.netns.ebtables;
  if (line.letter === 'L') await list(proc, table, line, names);
  else change(table, line, names);
}

/** The chains in the order of listings. */
function inOrder(table: EbtTable): EbtChain[] {
  const base: readonly string[] = EBT_BASE_CHAINS;
  const own = [...table.chains.values()].filter((c) => !base.includes(c.name));
  own.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...base.map((n) => table.chains.get(n) as EbtChain), ...own];
}

async function list(
  proc: Process,
  table: EbtTable,
  line: CommandLine,
  names: Names,
): Promise<void> {
  const { chain } = line;
  const chains = inOrder(table).filter((c) => chain === undefined || c.name === chain);
  if (chains.length === 0)
    throw new EbtFailure(
      `ebtables v1.8.9 (nf_tables): chain \`${chain}' in table \`filter' is incompatible, use 'nft' tool.`,
      1,
    );
  await proc.out(listing(chains, line, names));
}

function change(table: EbtTable, line: CommandLine, names: Names): void {
  switch (line.letter) {
    case 'A':
    case 'I':
      addRule(table, line);
      break;
    case 'D':
      deleteRule(chainOf(table, line), line, names);
      break;
    case 'P':
      setPolicy(table, line);
      break;
    case 'N':
      newChain(table, line.chain as string);
      break;
    case 'X':
      deleteChains(table, line.chain);
      break;
    case 'F':
      for (const c of chosen(table, line)) c.rules = [];
      break;
    default:
      for (const { rules } of chosen(table, line))
        for (const { counters } of rules) Object.assign(counters, { packets: 0, bytes: 0 });
  }
}

function chainOf(table: EbtTable, { chain = '' }: CommandLine): EbtChain {
  const found = table.chains.get(chain);
  if (found === undefined) throw notThere(NO_CHAIN);
  return found;
}

function chosen(table: EbtTable, line: CommandLine): EbtChain[] {
  return line.chain === undefined ? inOrder(table) : [chainOf(table, line)];
}

function addRule(table: EbtTable, line: CommandLine): void {
  const { letter, chain: name = '', target = 'CONTINUE' } = line;
  checkChain(line.rule, name);
  if (typeof target === 'object' && !table.chains.has(target.jump))
    throw badParameter(`Chain '${target.jump}' does not exist`);
  const chain = chainOf(table, line);
  const what = letter === 'A' ? 'RULE_APPEND' : 'RULE_INSERT';
  const loops = typeof target === 'object' && table.leadsTo(target.jump, name);
  const why = loops ? 'Too many links' : unfit(line.rule);
  if (why !== undefined) throw refusedChange(what, why, `rule in chain ${name}`);
  const rule = { ...line.rule, target, counters: { packets: 0, bytes: 0 } } as EbtRule;
  if (letter === 'A') chain.rules.push(rule);
  else insert(chain, rule, line.more);
}

function insert(chain: EbtChain, rule: EbtRule, number = '1'): void {
  const at = Number(number) - 1;
  if (at < 0 || at > chain.rules.length) throw notThere('Index of insertion too big');
  chain.rules.splice(at, 0, rule);
}

function deleteRule(chain: EbtChain, line: CommandLine, names: Names): void {
  if (line.more !== undefined) {
    deleteNumbers(chain, line.more);
    return;
  }
  const asked = { ...line.rule, target: line.target ?? 'CONTINUE' } as EbtRule;
  const text = ruleText(asked, names);
  const at = chain.rules.findIndex((r) => ruleText(r, names) === text);
  if (at < 0) throw notThere('Bad rule (does a matching rule exist in that chain?)');
  chain.rules.splice(at, 1);
}

/** `N` or `N:M`. As in 1.8.9 each number counts after the rules before it have gone, so that a range takes every other. */
function deleteNumbers(chain: EbtChain, text: string): void {
  const [from = '', to] = text.split(':');
  const rules = [...chain.rules];
  const last = to === undefined ? Number(from) : to === '' ? rules.length : Number(to);
  for (let no = Number(from); no <= last; no++) {
    if (no < 1 || no > rules.length) throw notThere('Index of deletion too big');
    rules.splice(no - 1, 1);
  }
  chain.rules = rules;
}

function setPolicy(table: EbtTable, line: CommandLine): void {
  const { more: policy } = line;
  if (policy === undefined) throw badParameter('No policy specified');
  if (policy !== 'ACCEPT' && policy !== 'DROP' && policy !== 'RETURN')
    throw badParameter(`Unknown policy '${policy}'`);
  const chain = chainOf(table, line);
  const isBase = (EBT_BASE_CHAINS as readonly string[]).includes(chain.name);
  if (policy === 'RETURN' && isBase)
    throw badParameter('Policy RETURN only allowed for user defined chains');
  chain.policy = policy satisfies EbtPolicy;
}

function newChain(table: EbtTable, name: string): void {
  if (table.chains.has(name)) throw notThere('Chain already exists');
  table.chains.set(name, { name, policy: 'ACCEPT', rules: [] });
}

/** All of them or, if one cannot go, none. */
function deleteChains(table: EbtTable, name: string | undefined): void {
  const base: readonly string[] = EBT_BASE_CHAINS;
  const own = inOrder(table).filter((c) => !base.includes(c.name));
  const chains = name === undefined ? own : [table.chains.get(name)];
  for (const chain of chains) {
    if (chain === undefined) throw notThere(NO_CHAIN);
    if (base.includes(chain.name) || chain.rules.length > 0 || table.isUsed(chain.name))
      throw refusedChange('CHAIN_DEL', 'Device or resource busy', `chain ${chain.name}`);
  }
  for (const chain of chains) table.chains.delete(chain?.name ?? '');
}
