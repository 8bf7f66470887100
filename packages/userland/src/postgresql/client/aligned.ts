import { isNumber } from '../sql/index.ts';

/** Rows as they came, and what their columns are. */
export interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** How psql prints rows. */
export interface PrintOptions {
  readonly aligned: boolean;
  readonly tuplesOnly: boolean;
  readonly separator: string;
  readonly expanded: boolean;
}

/** Rows as psql prints them. src/fe_utils/print.c */
export function printRows(data: Rows, o: PrintOptions): string {
  if (o.expanded) return expanded(data, o);
  return o.aligned ? aligned(data, o) : unaligned(data, o);
}

function footer(count: number): string {
  return `(${count} row${count === 1 ? '' : 's'})\n`;
}

function unaligned({ columns, rows }: Rows, { tuplesOnly, separator }: PrintOptions): string {
  const lines = rows.map((row) => `${row.map((v) => v ?? '').join(separator)}\n`);
  if (tuplesOnly) return lines.join('');
  return `${columns.map((c) => c.name).join(separator)}\n${lines.join('')}${footer(rows.length)}`;
}

function aligned({ columns, rows }: Rows, { tuplesOnly }: PrintOptions): string {
  const widths = columns.map((c, i) =>
    Math.max(c.name.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  const last = columns.length - 1;
  const lines = rows.map((row) => {
    const cells = row.map((value, i) => {
      const text = value ?? '';
      const width = widths[i] as number;
      if (isNumber(columns[i]?.type ?? 0)) return ` ${text.padStart(width)}`;
      return i === last ? ` ${text}` : ` ${text.padEnd(width)}`;
    });
    return `${cells.join(' |')}\n`;
  });
  if (tuplesOnly) return `${lines.join('')}\n`;
  const head = columns.map((c, i) => ` ${centred(c.name, widths[i] as number)} `).join('|');
  const rule = widths.map((w) => '-'.repeat(w + 2)).join('+');
  return `${head}\n${rule}\n${lines.join('')}${footer(rows.length)}\n`;
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return `${' '.repeat(left)}${text}`.padEnd(width);
}

function expanded({ columns, rows }: Rows, { tuplesOnly }: PrintOptions): string {
  const width = Math.max(...columns.map((c) => c.name.length));
  const value = Math.max(0, ...rows.flatMap((row) => row.map((v) => (v ?? '').length)));
  const records = rows.map((row, n) => {
    const title = `-[ RECORD ${n + 1} ]`;
    const line = `${title.padEnd(width + 1, '-')}${title.length > width + 1 ? '' : '+'}`;
    const head = tuplesOnly ? '' : `${line.padEnd(width + value + 3, '-')}\n`;
    return `${head}${row.map((v, i) => `${(columns[i]?.name ?? '').padEnd(width)} | ${v ?? ''}\n`).join('')}`;
  });
  if (rows.length === 0) return tuplesOnly ? '' : '(0 rows)\n\n';
  return `${records.join('')}\n`;
}
