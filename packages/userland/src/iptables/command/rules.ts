/** -A, -I, -R, -D and -C. iptables/nft.c, nft_rule_append() and its neighbours. */
import type { XtChain, XtRule } from '@labwire/devices/netfilter';
import { parameterProblem } from '../core/error.ts';
import type { Command } from '../core/parse-command.ts';
import { verboseRule } from '../core/print-verbose.ts';
import { sameRule } from '../core/same-rule.ts';
import { ShortError, type TableEdit } from '../core/tables.ts';
import type { Run } from './run-command.ts';

const BAD_RULE = 'Bad rule (does a matching rule exist in that chain?).';

/** A rule may jump only to a chain that is there. `assert_chain_exists()` */
function checkJump(edit: TableEdit, { target }: XtRule): void {
  if (target?.kind !== 'jump' && target?.kind !== 'goto') return;
  if (!edit.isBuiltin(target.chain) && !edit.table.chains.has(target.chain))
    throw parameterProblem(`Chain '${target.chain}' does not exist`);
}

function verbose(run: Run, c: Command, rules: readonly XtRule[]): string {
  if (c.verbose === 0) return '';
  return rules
    .map((r) => verboseRule(r, { family: run.family, numeric: true, names: run.names }))
    .join('');
}

/** `-A`, `-I` and `-R`. @returns what -v prints */
export function addRules(run: Run, c: Command, edit: TableEdit, letter: 'A' | 'I' | 'R'): string {
  const name = c.chain ?? '';
  if (letter === 'R' && c.rules.length !== 1)
    throw parameterProblem('Replacement rule does not specify a unique address');
  for (const r of c.rules) {
    checkJump(edit, r);
    if (letter !== 'R') edit.ensure(name);
    addRule(edit, edit.chain(name), r, letter, c.ruleNumber - 1);
  }
  return verbose(run, c, c.rules);
}

function addRule(
  edit: TableEdit,
  chain: XtChain,
  rule: XtRule,
  letter: 'A' | 'I' | 'R',
  at: number,
): void {
  const { length } = chain.rules;
  if (letter === 'A') edit.add(chain, rule, 'RULE_APPEND');
  else if (letter === 'R') {
    if (at >= length) throw new ShortError('Index of replacement too big.');
    edit.add(chain, rule, 'RULE_REPLACE', at);
  } else {
    if (at > length) throw new ShortError('Index of insertion too big.');
    edit.add(chain, rule, at > 0 && at === length ? 'RULE_APPEND' : 'RULE_INSERT', at);
  }
}

/** `-D` with a number or a rule. @returns what -v prints */
export function deleteRules(run: Run, c: Command, edit: TableEdit): string {
  const name = c.chain ?? '';
  if (c.byNumber) {
    const { rules } = edit.chain(name);
    if (c.ruleNumber > rules.length) throw new ShortError('Index of deletion too big.');
    rules.splice(c.ruleNumber - 1, 1);
    return '';
  }
  for (const r of c.rules) {
    checkJump(edit, r);
    const { rules } = edit.chain(name, BAD_RULE);
    const at = rules.findIndex((x) => sameRule(x, r));
    if (at < 0) throw new ShortError(BAD_RULE);
    rules.splice(at, 1);
  }
  return verbose(run, c, c.rules);
}

/** `-C`. @returns what -v prints */
export function checkRules(run: Run, c: Command, edit: TableEdit): string {
  for (const r of c.rules) {
    checkJump(edit, r);
    const { rules } = edit.chain(c.chain ?? '', BAD_RULE);
    if (!rules.some((x) => sameRule(x, r))) throw new ShortError(BAD_RULE);
  }
  return verbose(run, c, c.rules);
}
