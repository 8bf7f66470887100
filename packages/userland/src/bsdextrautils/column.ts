import { eachFile, linesOf, readInputText, ToolError, tool } from '../coreutils/index.ts';
import type { Program } from '../machine/index.ts';

/** How a table is laid out. */
interface Layout {
  /** Characters that end a cell; undefined for runs of blanks. */
  readonly separators: string | undefined;
  readonly between: string;
  readonly heads: readonly string[];
  /** Columns from 1 whose cells end at the right. */
  readonly right: ReadonlySet<string>;
}

/** column(1), as far as tables go: `-t` with `-s -o -N -R`. */
export const column: Program = tool(
  {
    name: 'column',
    letters: 'ts:o:N:R:',
    longs: {
      table: 't',
      'separator=': 's',
      'output-separator=': 'o',
      'table-columns=': 'N',
      'table-right=': 'R',
    },
  },
  async (proc, options, operands) => {
    if (!options.has('t')) throw new ToolError("Labwire's column makes tables only; write -t");
    let text = '';
    const status = await eachFile(
      proc,
      'column',
      operands.length > 0 ? operands : ['-'],
      async (file) => {
        text += await readInputText(proc, file);
      },
    );
    const heads = options.value('N')?.split(',') ?? [];
    const layout: Layout = {
      separators: options.value('s'),
      between: options.value('o') ?? '  ',
      heads,
      right: new Set(
        options
          .value('R')
          ?.split(',')
          .map((name) => columnOf(name, heads)),
      ),
    };
    await proc.out(table(text, layout));
    return status;
  },
);

function columnOf(name: string, heads: readonly string[]): string {
  if (/^\d+$/.test(name)) return name;
  const at = heads.indexOf(name);
  if (at < 0) throw new ToolError(`undefined column name '${name}'`);
  return String(at + 1);
}

function table(text: string, layout: Layout): string {
  const rows = linesOf(text)
    .filter((line) => line.trim() !== '')
    .map((line) => cells(line, layout.separators));
  if (rows.length > 0 && layout.heads.length > 0) rows.unshift([...layout.heads]);
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  return rows.map((row) => `${line(row, widths, layout)}\n`).join('');
}

function cells(line: string, separators: string | undefined): string[] {
  if (separators === undefined) return line.trim().split(/[ \t]+/);
  const out = [''];
  for (const c of line) {
    if (separators.includes(c)) out.push('');
    else out[out.length - 1] += c;
  }
  return out;
}

function line(
  row: readonly string[],
  widths: readonly number[],
  { between, right }: Layout,
): string {
  return widths
    .map((width, i) => {
      const cell = row[i] ?? '';
      if (right.has(String(i + 1))) return cell.padStart(width);
      return i === widths.length - 1 ? cell : cell.padEnd(width);
    })
    .join(between);
}
