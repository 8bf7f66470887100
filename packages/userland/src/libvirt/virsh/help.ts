import { CATALOG, type CatalogGroup } from './catalog.ts';
import type { CommandDef, OptionDef } from './command.ts';
import { summaryOf } from './command-table.ts';

const NAME_WIDTH = 30;
const OPTION_WIDTH = 15;

/** What `virsh help` prints. */
export function helpOfAll(): string {
  return `Grouped commands:\n\n${CATALOG.map((g) => `${helpOfGroup(g)}\n`).join('')}`;
}

/** The group that a title or keyword names. */
export function findGroup(word: string): CatalogGroup | undefined {
  return CATALOG.find((g) => g.title === word || g.keyword === word);
}

/** What `virsh help GROUP` prints. vshCmdGrpHelp() @param colon what stands behind the title */
export function helpOfGroup(group: CatalogGroup, colon = ':'): string {
  const lines = group.entries.map(([n, s]) => `    ${n.padEnd(NAME_WIDTH)} ${s}\n`);
  return ` ${group.title} (help keyword '${group.keyword}')${colon}\n${lines.join('')}`;
}

/** What `virsh help COMMAND` prints. vshCmddefHelp() */
export function helpOfCommand(def: CommandDef): string {
  const options = def.options ?? [];
  const short = options.some((o) => !['bool', 'argv'].includes(o.type) && o.named !== true);
  const synopsis = [def.name, ...options.map((o) => synopsisOf(o, short))].join(' ');
  const parts = [
    `  NAME\n    ${def.name} - ${summaryOf(def.name)}\n`,
    `\n  SYNOPSIS\n    ${synopsis}\n`,
  ];
  if (def.description !== undefined) parts.push(`\n  DESCRIPTION\n    ${def.description}\n`);
  if (options.length > 0) {
    const rows = options.map((o) => `    ${usageOf(o, short).padEnd(OPTION_WIDTH)}  ${o.help}\n`);
    parts.push(`\n  OPTIONS\n${rows.join('')}`);
  }
  return `${parts.join('')}\n`;
}

function synopsisOf(option: OptionDef, short: boolean): string {
  const { name, required = false } = option;
  switch (option.type) {
    case 'bool':
      return `[--${name}]`;
    case 'data':
      return `<${name}>`;
    case 'string':
      return `[--${name} <string>]`;
    case 'int':
      return required ? `<${name}>` : `[--${name} <number>]`;
    case 'argv':
      if (short) return required ? `{[--${name}] <string>}...` : `[[--${name}] <string>]...`;
      return required ? `<${name}>...` : `[<${name}>]...`;
  }
}

function usageOf(option: OptionDef, short: boolean): string {
  const { name, required = false } = option;
  switch (option.type) {
    case 'bool':
      return `--${name}`;
    case 'data':
      return `[--${name}] <string>`;
    case 'string':
      return `--${name} <string>`;
    case 'int':
      return required ? `[--${name}] <number>` : `--${name} <number>`;
    case 'argv':
      return short ? `[--${name}] <string>` : `<${name}>`;
  }
}
