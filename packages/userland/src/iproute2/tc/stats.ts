import type { TcStatsInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../context/index.ts';
import { formatSize } from './units/index.ts';

/** Prints counters, with no line end after them. Source: iproute2 tc/tc_util.c, print_tcstats2_attr(). */
export function printTcStats(ctx: Context, stats: TcStatsInfo, prefix: string): void {
  const { printer } = ctx;
  printer.text(prefix);
  printer.field('bytes', 'Sent %u bytes', stats.bytes);
  printer.field('packets', ' %u pkt', stats.packets);
  printer.field('drops', ' (dropped %u', stats.drops);
  printer.field('overlimits', ', overlimits %u', stats.overlimits);
  printer.field('requeues', ' requeues %u) ', stats.requeues);
  printer.nl();
  printer.text(prefix);
  if (printer.isJson) printer.json('backlog', stats.backlog);
  else printer.text(`backlog ${formatSize(stats.backlog)}`);
  printer.field('qlen', ' %up', stats.qlen);
  printer.text(` requeues ${stats.requeues}`);
}
