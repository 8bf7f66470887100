import { type AddrInfo, addrDump, type LinkInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import type { AnyFamily } from '../../parse/index.ts';
import { type LinkView, passesLinkFilter, printLink, printLinkStats } from '../device/index.ts';
import { printAddr } from './addr-print.ts';
import { parseShowFilter, passesAddrFilter, type ShowFilter } from './filter.ts';

/** What `show` is asked by. */
export interface ShowView extends LinkView {
  /** What `help` among the selectors prints. */
  readonly usage: string;
}

/** Whether a device is shown by `ip address`: one with an address that passes, or with none at all. Source: iproute2 ip/ipaddress.c, ipaddr_filter(). */
function hasAddr(
  ctx: Context,
  link: LinkInfo,
  addrs: readonly AddrInfo[],
  filter: ShowFilter,
): boolean {
  const own = addrs.filter((a) => a.ifindex === link.ifindex);
  if (own.length === 0) return filter.family === undefined || filter.family === 'link';
  return own.some((a) => passesAddrFilter(ctx, a, { ...filter, link: {} }));
}

/** Source: ip/ipaddress.c, print_selected_addrinfo(). */
function printAddrs(
  ctx: Context,
  link: LinkInfo,
  addrs: readonly AddrInfo[],
  filter: ShowFilter,
): void {
  const { printer, options } = ctx;
  printer.openArray('addr_info');
  for (const addr of addrs) {
    if (addr.ifindex !== link.ifindex) continue;
    if (filter.family !== undefined && filter.family !== addr.family) continue;
    if (filter.link.up === true && (link.flags & 1) === 0) continue;
    printer.openObject();
    if (passesAddrFilter(ctx, addr, filter)) printAddr(ctx, addr, options.oneline);
    printer.closeObject();
  }
  printer.closeArray();
  if (options.brief) printer.text('\n');
}

/** Addresses as a dump tells them: all of IPv4, then all of IPv6. */
function dumpAddrs(ctx: Context, family: AnyFamily): readonly AddrInfo[] {
  const families = (['inet', 'inet6'] as const).filter((f) => family === undefined || family === f);
  return families.flatMap((f) => [...addrDump(ctx.ns, f)]);
}

function printEntry(
  ctx: Context,
  link: LinkInfo,
  addrs: readonly AddrInfo[] | undefined,
  filter: ShowFilter,
  view: ShowView,
): void {
  const { printer, options } = ctx;
  printer.openObject();
  // -o shows devices by their addresses alone; a label does not print the device's own lines
  const ownLines = (options.brief || addrs === undefined || !options.oneline) && !filter.label;
  const shown = passesLinkFilter(link, { ...filter.link, master: filter.link.master ?? 0 });
  const ownLinesShown = ownLines && shown;
  if (ownLinesShown) printLink(ctx, link, { ...view, family: filter.family });
  if (addrs !== undefined && (!ownLines || shown)) printAddrs(ctx, link, addrs, filter);
  if (ownLinesShown && !options.brief && !view.isLink && options.stats > 0) {
    printLinkStats(ctx, link);
    printer.nl();
  }
  printer.closeObject();
}

/** What the kernel sorts out before anything is printed: master and kind. */
function dumped(link: LinkInfo, { link: filter }: ShowFilter): boolean {
  const { ifindex, master, kind } = filter;
  if (ifindex !== undefined) return link.ifindex === ifindex;
  const asked = {
    ...(master === undefined ? {} : { master }),
    ...(kind === undefined ? {} : { kind }),
  };
  return passesLinkFilter(link, asked);
}

/** `ip link show` and `ip address show`. Source: ip/ipaddress.c, ipaddr_list_flush_or_save(). */
export function showDevices(ctx: Context, words: readonly string[], view: ShowView): number {
  const filter = parseShowFilter(ctx, words, view.family, view.usage);
  const { printer } = ctx;
  printer.begin();
  const single = view.isLink && filter.dev !== undefined && filter.link.group === undefined;
  const addrs = filter.family === 'link' ? undefined : dumpAddrs(ctx, filter.family);
  for (const link of ctx.links()) {
    if (single && link.ifindex !== filter.link.ifindex) continue;
    if (!single && !dumped(link, filter)) continue;
    if (addrs !== undefined && !hasAddr(ctx, link, addrs, filter)) continue;
    printEntry(ctx, link, addrs, filter, view);
  }
  printer.end();
  return 0;
}
