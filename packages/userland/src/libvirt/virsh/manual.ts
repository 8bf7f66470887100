import { getoptRows } from '../../libc-net/index.ts';
import type { Manual, ManualRow, ManualSection } from '../../machine/index.ts';
import { CATALOG, type CatalogGroup } from './catalog.ts';
import type { CommandDef, OptionDef } from './command.ts';
import { VIRSH_OPTIONS } from './options.ts';

const ARGUMENTS: Readonly<Record<OptionDef['type'], string>> = {
  data: 'WORD',
  string: 'WORD',
  int: 'NUMBER',
  bool: '',
  argv: 'WORD...',
};

function optionRow({ name, type, help }: OptionDef): ManualRow {
  const arg = ARGUMENTS[type];
  return { names: [`--${name}`], ...(arg === '' ? {} : { arg }), meaning: help };
}

function groupSection({ title, entries }: CatalogGroup, has: ReadonlySet<string>): ManualSection {
  const rows = entries.map(([name, meaning]) =>
    has.has(name) ? { names: [name], meaning } : { names: [name], refused: true },
  );
  return { title, rows };
}

/** What virsh can be told: its options, its commands by group, and the options of each. */
export function virshManual(commands: readonly CommandDef[]): () => Manual {
  const names = new Set(commands.map((c) => c.name));
  return () => [
    { title: 'Options', rows: getoptRows(VIRSH_OPTIONS) },
    ...CATALOG.map((group) => groupSection(group, names)),
    ...commands.map(({ name, options = [] }) => ({ title: name, rows: options.map(optionRow) })),
  ];
}
