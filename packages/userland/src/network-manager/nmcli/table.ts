import type { NmcliOptions } from './options.ts';

/** One column of a table, or one line of details. */
export interface Field<T> {
  readonly name: string;
  /** The value; a list is one of numbered lines or parts. `terse`: for programs. */
  readonly value: (of: T, terse: boolean) => string | readonly string[];
}

/** Columns at which details begin. ML_VALUE_INDENT */
const INDENT = 40;
/** Length of lines above and between details. ML_HEADER_WIDTH */
const LINE = 79;

/** A value as programs want it: colons and backslashes are escaped. */
function escaped(text: string, o: NmcliOptions): string {
  return o.escape ? text.replace(/[\\:]/g, (c) => `\\${c}`) : text;
}

/** Lines of a heading in pretty output. */
export function heading(title: string, multiline: boolean): string {
  const width = multiline ? Math.max(LINE, title.length + 4) : title.length + 4;
  const line = '='.repeat(width);
  const text = title.padStart(Math.floor((width + title.length) / 2));
  return `${line}\n${text}\n${line}\n`;
}

/** One detail line. */
export function detail(label: string, value: string, o: NmcliOptions): string {
  if (o.terse) return `${label}:${value}\n`;
  return `${`${label}:`.padEnd(INDENT)}${value === '' ? '--' : value}\n`;
}

/** The line below a group of details in pretty output. */
export function ruler(): string {
  return `${'-'.repeat(LINE)}\n`;
}

/** Rows as a table, or as details one below the other. src/nmcli/utils.c, _print_do() */
export function table<T>(
  title: string,
  fields: readonly Field<T>[],
  rows: readonly T[],
  o: NmcliOptions,
): string {
  return o.multiline ? detailRows(title, fields, rows, o) : tableRows(title, fields, rows, o);
}

function detailRows<T>(
  title: string,
  fields: readonly Field<T>[],
  rows: readonly T[],
  o: NmcliOptions,
): string {
  let text = o.pretty ? heading(title, true) : '';
  for (const row of rows) {
    for (const field of fields) {
      const value = field.value(row, o.terse);
      text += detail(field.name, typeof value === 'string' ? value : value.join(' | '), o);
    }
    if (o.pretty) text += ruler();
  }
  return text;
}

function tableRows<T>(
  title: string,
  fields: readonly Field<T>[],
  rows: readonly T[],
  o: NmcliOptions,
): string {
  const cells = rows.map((row) =>
    fields.map((field) => {
      const value = field.value(row, o.terse);
      return typeof value === 'string' ? value : value.join(' | ');
    }),
  );
  if (o.terse) return cells.map((line) => `${line.map((c) => escaped(c, o)).join(':')}\n`).join('');
  const widths = fields.map((field, i) =>
    Math.max(field.name.length, ...cells.map((line) => (line[i] || '--').length)),
  );
  const print = (line: readonly string[]) =>
    `${line.map((c, i) => (c === '' ? '--' : c).padEnd((widths[i] as number) + 1)).join(' ')}\n`;
  let text = '';
  if (o.pretty) text += heading(title, false);
  text += print(fields.map((field) => field.name));
  if (o.pretty) {
    const width = title.length + 4 + widths.reduce((sum, w) => sum + w + 2, 0);
    text += `${'-'.repeat(width)}\n`;
  }
  return text + cells.map(print).join('');
}

/** A group of details with a name: `IP4`, `ipv4`. */
export interface DetailGroup {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly value: string | readonly string[] }[];
  /** Shown under its name alone, in tables too: a setting or a nested group. */
  readonly nested: boolean;
}

/** Groups of details, as `show` commands print them. */
export function details(title: string, groups: readonly DetailGroup[], o: NmcliOptions): string {
  return o.multiline ? detailGroups(title, groups, o) : groupTables(title, groups, o);
}

function detailGroups(title: string, groups: readonly DetailGroup[], o: NmcliOptions): string {
  let text = o.pretty ? heading(title, true) : '';
  for (const group of groups) {
    for (const { name, value } of group.fields) {
      const label = `${group.name}.${name}`;
      if (typeof value === 'string') text += detail(label, value, o);
      else for (const [i, part] of value.entries()) text += detail(`${label}[${i + 1}]`, part, o);
    }
    if (o.pretty && group.fields.length > 0) text += ruler();
  }
  return text;
}

function groupTables(title: string, groups: readonly DetailGroup[], o: NmcliOptions): string {
  const tables = groups.map((group) => {
    const names = group.nested ? [{ name: headOf(group), value: group.name }] : [];
    const fields = [...names, ...group.fields].map(({ name, value }) => ({
      name,
      value: () => value,
    }));
    return tableRows(title, fields, [undefined], o);
  });
  return tables.join(o.terse ? '' : '\n');
}

function headOf({ name }: DetailGroup): string {
  return name === name.toUpperCase() ? 'GROUP' : 'name';
}
