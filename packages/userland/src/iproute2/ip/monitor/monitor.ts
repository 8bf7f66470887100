import { POLLIN } from '@labwire/core/sim';
import { type RtnlMessage, rtnlListen } from '@labwire/devices/rtnetlink';
import { formatDate } from '../../../coreutils/date-format.ts';
import { SignalFlag } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import { printLink } from '../device/index.ts';
import { printNeigh } from '../neigh/print.ts';
import { printNexthopObject } from '../nexthop/print.ts';
import { printRoute } from '../route/print.ts';
import { printRule } from '../rule/print.ts';
import { printAddr } from '../show/addr-print.ts';
import { type MonitorWords, parseMonitorWords } from './words.ts';

const LABELS: Readonly<Record<RtnlMessage['about'], string>> = {
  link: '[LINK]',
  address: '[ADDR]',
  route: '[ROUTE]',
  neigh: '[NEIGH]',
  rule: '[RULE]',
  nexthop: '[NEXTHOP]',
};

/** Whether a message is shown. */
function passes(ctx: Context, m: RtnlMessage, words: MonitorWords): boolean {
  const { family } = ctx.options;
  if (words.about.length > 0 && !words.about.includes(m.about)) return false;
  const hasFamily = m.about !== 'link' && m.about !== 'nexthop';
  if (family !== undefined && hasFamily && m.info.family !== family) return false;
  if (words.ifindex === 0) return true;
  switch (m.about) {
    case 'route':
      return m.info.nexthops.length === 1 && m.info.nexthops[0]?.ifindex === words.ifindex;
    case 'link':
    case 'address':
    case 'neigh':
      return m.info.ifindex === words.ifindex;
    default:
      return true;
  }
}

function printMessage(ctx: Context, m: RtnlMessage, words: MonitorWords): void {
  switch (m.about) {
    case 'link':
      printLink(ctx, m.info, { isLink: false, family: undefined, noQueue: true });
      break;
    case 'address':
      printAddr(ctx, m.info, true);
      break;
    case 'route':
      printRoute(ctx, m.info, { dev: words.ifindex !== 0 });
      break;
    case 'neigh':
      printNeigh(ctx, m.info, words.ifindex === 0);
      break;
    case 'rule':
      printRule(ctx, m.info);
      break;
    case 'nexthop':
      printNexthopObject(ctx, m.info);
  }
}

/** The time of a message: `-t` or `-ts`. Source: iproute2 lib/utils.c, print_timestamp(). */
function stamp(ctx: Context): string {
  const { timestamp } = ctx.options;
  if (timestamp === 'none') return '';
  const { wallClock } = ctx.proc.machine;
  const micros = Math.floor((wallClock % 1) * 1e6);
  if (timestamp === 'long')
    return `Timestamp: ${formatDate('%a %b %e %H:%M:%S %Y', wallClock)} ${micros} usec\n`;
  return `[${formatDate('%Y-%m-%dT%H:%M:%S', wallClock)}.${String(micros).padStart(6, '0')}] `;
}

/** `ip monitor`: tells of what is changed, until a signal ends it. Source: iproute2 ip/ipmonitor.c, accept_msg(). */
export async function ipMonitor(ctx: Context, rest: readonly string[]): Promise<number> {
  const words = parseMonitorWords(ctx, rest);
  // messages are never JSON
  ctx.options.json = false;
  ctx.options.brief = false;
  const news = new SignalFlag();
  const silence = rtnlListen(ctx.ns, (m) => {
    if (!passes(ctx, m, words)) return;
    ctx.output.out(
      `${stamp(ctx)}${words.label ? LABELS[m.about] : ''}${m.deleted ? 'Deleted ' : ''}`,
    );
    printMessage(ctx, m, words);
    news.raise();
  });
  try {
    for (;;) {
      await ctx.proc.poll([{ on: news, events: POLLIN }], undefined, 'changes of the network');
      news.raised = false;
      await ctx.output.flush();
    }
  } finally {
    silence();
  }
}
