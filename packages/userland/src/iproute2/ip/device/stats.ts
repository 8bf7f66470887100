import type { LinkInfo, LinkStatsInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { formatCounter, type Printer, widen } from '../../print/index.ts';

/** A column: its head, its key in JSON, its counter; a counter that the simulated devices never raise is 0. */
interface Column {
  readonly head: string;
  readonly key: string;
  count(stats: LinkStatsInfo, link: LinkInfo): number;
}

const none = () => 0;
const RX: readonly Column[] = [
  { head: 'bytes', key: 'bytes', count: (s) => s.rxBytes },
  { head: 'packets', key: 'packets', count: (s) => s.rxPackets },
  { head: 'errors', key: 'errors', count: (s) => s.rxErrors },
  { head: 'dropped', key: 'dropped', count: (s) => s.rxDropped },
  { head: 'missed', key: 'over_errors', count: none },
  { head: 'mcast', key: 'multicast', count: (s) => s.multicast },
];
const TX: readonly Column[] = [
  { head: 'bytes', key: 'bytes', count: (s) => s.txBytes },
  { head: 'packets', key: 'packets', count: (s) => s.txPackets },
  { head: 'errors', key: 'errors', count: (s) => s.txErrors },
  { head: 'dropped', key: 'dropped', count: (s) => s.txDropped },
  { head: 'carrier', key: 'carrier_errors', count: (s) => s.txCarrierErrors },
  { head: 'collsns', key: 'collisions', count: (s) => s.collisions },
];
/** What a second `-s` adds; the text has no first column. */
const RX_ERRORS: readonly Column[] = [
  { head: 'length', key: 'length_errors', count: none },
  { head: 'crc', key: 'crc_errors', count: none },
  { head: 'frame', key: 'frame_errors', count: none },
  { head: 'fifo', key: 'fifo_errors', count: none },
  { head: 'overrun', key: 'missed_errors', count: none },
];
const TX_ERRORS: readonly Column[] = [
  { head: 'aborted', key: 'aborted_errors', count: none },
  { head: 'fifo', key: 'fifo_errors', count: none },
  { head: 'window', key: 'window_errors', count: none },
  { head: 'heartbt', key: 'heartbeat_errors', count: none },
  { head: 'transns', key: 'carrier_changes', count: (_, link) => link.carrierChanges },
];
/** Least widths of the columns: of the longest heads. */
const WIDTHS = ['*X errors:', 'packets', 'errors', 'dropped', 'heartbt', 'overrun', 'compressed'];

function counts(columns: readonly Column[], link: LinkInfo): number[] {
  return columns.map((c) => c.count(link.stats, link));
}

/** Prints a device's counters, with no line end after them. Source: iproute2 ip/ipaddress.c, print_stats64(). */
export function printLinkStats(ctx: Context, link: LinkInfo): void {
  if (ctx.printer.isJson) printJson(ctx.printer, link, ctx.options.stats > 1);
  else printText(ctx, link);
}

function printJson(printer: Printer, link: LinkInfo, errors: boolean): void {
  printer.openObject('stats64');
  const sides = [
    ['rx', RX, RX_ERRORS],
    ['tx', TX, TX_ERRORS],
  ] as const;
  for (const [side, columns, more] of sides) {
    printer.openObject(side);
    for (const c of [...columns, ...(errors ? more : [])])
      printer.json(c.key, c.count(link.stats, link));
    printer.closeObject();
  }
  printer.closeObject();
}

function printText(ctx: Context, link: LinkInfo): void {
  const { options, printer } = ctx;
  const errors = options.stats > 1;
  const widths = WIDTHS.map((w) => w.length);
  for (const row of [RX, TX]) widen(widths, counts(row, link), options);
  if (errors)
    for (const row of [RX_ERRORS, TX_ERRORS]) widen(widths, [0, ...counts(row, link)], options);
  const head = (name: string, columns: readonly Column[]) =>
    `    ${name}: ${columns.map((c, i) => c.head.padStart(i === 0 ? (widths[i] as number) - 4 : (widths[i] as number))).join(' ')} `;
  const row = (columns: readonly Column[], from: number) =>
    counts(columns, link)
      .map((n, i) => formatCounter(widths[i + from] as number, n, options))
      .join('');
  const errorHead = (name: string, columns: readonly Column[]) =>
    `    ${name} errors:${''.padStart((widths[0] as number) - 10)} ${columns.map((c, i) => c.head.padStart(widths[i + 1] as number)).join(' ')}`;
  const { lineEnd } = printer;
  const blank = ''.padStart((widths[0] as number) + 5);
  for (const [name, columns, more] of [
    ['RX', RX, RX_ERRORS],
    ['TX', TX, TX_ERRORS],
  ] as const) {
    if (name === 'TX') printer.text(lineEnd);
    printer.text(`${head(name, columns)}${''.padStart(widths[6] as number)}${lineEnd}`);
    printer.text(`    ${row(columns, 0)}`);
    if (!errors) continue;
    printer.text(`${lineEnd}${errorHead(name, more)}${lineEnd}`);
    printer.text(`${blank}${row(more, 1)}`);
  }
}
