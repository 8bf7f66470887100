/** One column of the table. */
interface Column {
  readonly header: string;
  readonly right: boolean;
  /** What stands before it in a line that has begun. */
  readonly delimiter: string;
}

function column(header: string, delimiter: string, right = false): Column {
  return { header, delimiter, right };
}

/** The columns. Source: iproute2 misc/ss.c, columns[]. */
const COLUMNS: readonly Column[] = [
  column('Netid', ''),
  column('State', ' '),
  column('Recv-Q', ' '),
  column('Send-Q', ' '),
  column('Local Address:', ' ', true),
  column('Port', ''),
  column('Peer Address:', ' ', true),
  column('Port', ''),
  column('Process', ''),
];

/** The last column's number. */
const PROCESS = 8;

/** The fields of one line, in the order of the columns. */
export type SsRow = readonly [
  netid: string,
  state: string,
  recvQ: string,
  sendQ: string,
  local: string,
  localPort: string,
  peer: string,
  peerPort: string,
  more: string,
];

/** How the table is laid out. */
export interface TableLayout {
  readonly header: boolean;
  readonly netid: boolean;
  readonly state: boolean;
  /** Characters in a line of the terminal; undefined for none: columns are as narrow as they can be. */
  readonly screenWidth: number | undefined;
}

interface ShownColumn extends Column {
  readonly index: number;
  width: number;
}

/** Widths by content, with the delimiters. Source: misc/ss.c, render_calc_width(), first pass. */
function measure(
  shown: readonly ShownColumn[],
  rows: readonly SsRow[],
  hasSockets: boolean,
  screen: number,
): void {
  let first = true;
  for (const c of shown) {
    // the last field of all is still being written when the program measures
    const last = c.index === PROCESS && hasSockets ? rows.length - 1 : rows.length;
    const longest = Math.max(
      0,
      ...rows.slice(0, last).map((row) => (row[c.index] as string).length),
    );
    const delimiter = !first && longest > 0 ? c.delimiter.length : 0;
    c.width = Math.min(longest + delimiter, screen);
    if (c.width > 0) first = false;
  }
}

/** Spreads what is left of each line over its columns, the last ones first. Second pass. */
function spread(shown: readonly ShownColumn[], screen: number): void {
  const columns = shown.filter((c) => c.width > 0);
  let start = 0;
  let length = 0;
  for (let i = 0; i < columns.length; i++) {
    length += (columns[i] as ShownColumn).width;
    if (i < columns.length - 1 && length < screen) continue;
    if (length > screen && i > start) length -= (columns[i--] as ShownColumn).width;
    if (length < screen) widen(columns.slice(start, i + 1), screen - length);
    start = i + 1;
    length = 0;
  }
}

function widen(line: readonly ShownColumn[], room: number): void {
  const each = Math.floor(room / line.length);
  const rest = room % line.length;
  for (const [i, c] of line.entries()) c.width += each + (i >= line.length - rest ? 1 : 0);
}

function renderField(c: ShownColumn, text: string, started: boolean): string {
  const delimiter = started ? c.delimiter : '';
  const room = Math.max(0, c.width - delimiter.length);
  return delimiter + (c.right ? text.padStart(room) : text.padEnd(room));
}

/** Renders the rows as columns. Source: misc/ss.c, render(). */
export function renderTable(rows: readonly SsRow[], layout: TableLayout): string {
  const header = COLUMNS.map((c) => c.header) as unknown as SsRow;
  const all = layout.header ? [header, ...rows] : rows;
  if (all.length === 0) return '';
  const hidden = (index: number) =>
    (index === 0 && !layout.netid) || (index === 1 && !layout.state);
  const shown = COLUMNS.map((c, index) => ({ ...c, index, width: 0 })).filter(
    (c) => !hidden(c.index),
  );
  measure(shown, all, rows.length > 0, layout.screenWidth ?? Number.POSITIVE_INFINITY);
  if (layout.screenWidth !== undefined) spread(shown, layout.screenWidth);
  const line = (row: SsRow) =>
    shown.map((c, i) => renderField(c, row[c.index] as string, i > 0)).join('');
  return all.map((row) => `${line(row)}\n`).join('');
}
