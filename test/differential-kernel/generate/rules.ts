import type { RuleTable } from '../model/case.ts';
import type { Dice } from './dice.ts';
import { matches, type Place, protocolMatch } from './matches.ts';
import { target } from './targets.ts';
import type { World } from './world.ts';

const HOOKS: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const LIKELY: Readonly<Record<string, number>> = { raw: 0.25, mangle: 0.4, nat: 0.65, filter: 0.8 };

/** Tables with a few rules each. */
export function ruleTables(dice: Dice, world: World): Record<string, RuleTable> {
  const tables: Record<string, RuleTable> = {};
  for (const [table, hooks] of Object.entries(HOOKS))
    if (dice.chance(LIKELY[table] as number)) tables[table] = ruleTable(dice, world, table, hooks);
  return tables;
}

function ruleTable(dice: Dice, world: World, table: string, hooks: readonly string[]): RuleTable {
  const chains: Record<string, string> = {};
  for (const hook of hooks)
    chains[hook] = `${table === 'filter' && dice.chance(0.1) ? 'DROP' : 'ACCEPT'} [0:0]`;
  const users = dice.times(0, 2, (i) => `u${i}`);
  // a user chain is written for one hook, and reached from that one alone: so it holds what is allowed there
  const homes = users.map(() => dice.pick(hooks));
  for (const user of users) chains[user] = '- [0:0]';
  const rules: string[] = [];
  for (const hook of hooks) {
    const reachable = users.filter((_, i) => homes[i] === hook);
    rules.push(
      ...dice.times(0, 3, () => rule(dice, world, { table, hook, user: false }, hook, reachable)),
    );
  }
  for (const [i, user] of users.entries()) {
    const hook = homes[i] as string;
    const deeper = users.filter((_, n) => n > i && homes[n] === hook);
    rules.push(
      ...dice.times(0, 3, () => rule(dice, world, { table, hook, user: true }, user, deeper)),
    );
  }
  return { chains, rules };
}

function rule(
  dice: Dice,
  world: World,
  place: Place,
  chain: string,
  reachable: readonly string[],
): string {
  const first = protocolMatch(dice, world.dialect);
  const words = [
    `-A ${chain}`,
    matches(dice, world, place, first),
    target(dice, world, place, first.protocol, reachable),
  ];
  return words.filter((w) => w !== '').join(' ');
}
