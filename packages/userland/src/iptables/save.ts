/** The programs `iptables-save` and `ip6tables-save`. iptables/xtables-save.c */
import type { Family } from '@labwire/devices/rtnetlink';
import type { Program } from '../machine/index.ts';
import type { PrintContext } from './core/extension.ts';
import { incompatibleNote, isIncompatible, requireCompatible } from './core/incompatible.ts';
import { nameContext } from './core/names.ts';
import { TABLE_NAMES } from './core/parse-command.ts';
import { saveRule } from './core/save-rule.ts';
import { TableEdit } from './core/tables.ts';
import { saveProgramOf } from './save-program.ts';

/** Tables in the order in which they are dumped. `enum nft_table_type` */
const ORDER = ['mangle', 'security', 'raw', 'filter', 'nat'] as const;

const LONGS = [
  { name: 'counters', arg: 'none', value: 'c' },
  { name: 'version', arg: 'none', value: 'V' },
  { name: 'dump', arg: 'none', value: 'd' },
  { name: 'table', arg: 'required', value: 't' },
  { name: 'modprobe', arg: 'required', value: 'M' },
  { name: 'file', arg: 'required', value: 'f' },
  { name: 'ipv4', arg: 'none', value: '4' },
  { name: 'ipv6', arg: 'none', value: '6' },
] as const;

/** One table as lines that iptables-restore reads. */
function tableLines(edit: TableEdit, ctx: PrintContext, counters: boolean): string {
  const chains = edit.listed();
  const heads = chains.map(
    (c) => `:${c.name} ${c.policy ?? '-'} [${c.counters.packets}:${c.counters.bytes}]\n`,
  );
  const rules = chains.flatMap((c) =>
    c.rules.map((r) => saveRule(c.name, r, ctx, counters ? 'front' : 'none')),
  );
  return `${heads.join('')}${rules.join('')}COMMIT\n`;
}

/** Makes the program of a family. */
export function saveProgram(family: Family): Program {
  return saveProgramOf({
    name: family === 'inet' ? 'iptables-save' : 'ip6tables-save',
    letters: 'bcdt:M:f:46V',
    longs: LONGS,
    tables(proc, { table, counters }) {
      const { netns } = proc;
      if (table !== undefined && !(TABLE_NAMES as readonly string[]).includes(table))
        return undefined;
      const ctx: PrintContext = { family, numeric: true, names: nameContext(proc) };
      const { nft } = netns.netfilter;
      const there = netns.netfilter.tables(family).list();
      const isThere = (n: string): boolean =>
        there.some((t) => t.name === n) ||
        nft.find(family === 'inet' ? 'ip' : 'ip6', n) !== undefined;
      return ORDER.filter((n) => (table === undefined ? isThere(n) : n === table)).map((name) => {
        if (isIncompatible(netns, family, name))
          return {
            name,
            lines: undefined,
            note: `# Table \`${name}' is incompatible, use 'nft' tool.\n`,
          };
        requireCompatible(netns, family, name);
        const lines = tableLines(new TableEdit(netns, family, name), ctx, counters);
        return { name, lines, note: incompatibleNote(netns, family, name) };
      });
    },
  });
}
