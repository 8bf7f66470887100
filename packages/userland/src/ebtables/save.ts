/** The program `ebtables-save`. iptables/xtables-save.c */
import { EBT_TABLE_NAMES, type EbtRule, type EbtTableName } from '@labwire/devices/bridge';
import { saveProgramOf } from '../iptables/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { EbtEdit } from './edit.ts';
import { type Names, namesOf } from './names.ts';
import { ruleText } from './print.ts';

const LONGS = [
  { name: 'counters', arg: 'none', value: 'c' },
  { name: 'version', arg: 'none', value: 'V' },
  { name: 'table', arg: 'required', value: 't' },
  { name: 'modprobe', arg: 'required', value: 'M' },
] as const;

/** Where a rule's counters are printed. */
type Counters = 'none' | 'front' | 'back';

function ruleLine(chain: string, rule: EbtRule, counters: Counters, names: Names): string {
  const { packets, bytes } = rule.counters;
  const front = counters === 'front' ? `[${packets}:${bytes}] ` : '';
  const back = counters === 'back' ? ` -c ${packets} ${bytes}` : '';
  return `${front}-A ${chain} ${ruleText(rule, names)}${back}\n`;
}

function tableLines(proc: Process, table: EbtTableName, counters: Counters): string {
  const names = namesOf(proc.fs);
  const chains = new EbtEdit(proc.netns, table).listed();
  const heads = chains.map((c) => `:${c.name} ${c.policy}\n`);
  const rules = chains.flatMap((c) => c.rules.map((r) => ruleLine(c.name, r, counters, names)));
  return `${heads.join('')}${rules.join('')}`;
}

/** ebtables-save(8) */
export const ebtablesSave: Program = saveProgramOf({
  name: 'ebtables-save',
  letters: 'ct:M:V',
  longs: LONGS,
  tables(proc, { table, counters }) {
    const there = EBT_TABLE_NAMES.filter((n) =>
      table === undefined ? proc.netns.ebtables.get(n) !== undefined : n === table,
    );
    if (there.length === 0 && table !== undefined) return undefined;
    const back = proc.env.get('EBTABLES_SAVE_COUNTER') === 'yes' ? 'back' : 'none';
    return there.map((name) => ({
      name,
      lines: tableLines(proc, name, counters ? 'front' : back),
    }));
  },
});
