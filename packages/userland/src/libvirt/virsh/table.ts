/** Between columns. libvirt tools/vsh-table.c, vshTableRowPrint() */
const GAP = '   ';

/** A table as virsh prints one: a header, a line of dashes, rows; without the header (`-q`), rows alone. vshTablePrint() */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  withHeader: boolean,
): string {
  const shown = withHeader ? [header, ...rows] : rows;
  const widths = header.map((_, i) => Math.max(...shown.map((r) => (r[i] ?? '').length), 0));
  const lines = shown.map((row) => rowText(row, widths));
  if (!withHeader) return lines.join('');
  const dashes = '-'.repeat(widths.reduce((sum, w) => sum + w + GAP.length, 0));
  return [lines[0], `${dashes}\n`, ...lines.slice(1)].join('');
}

function rowText(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell));
  return ` ${cells.join(GAP)}\n`;
}
