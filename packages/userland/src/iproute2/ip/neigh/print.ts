import type { NeighInfo } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import { linkAddrText } from '../device/index.ts';

function printBrief(ctx: Context, neigh: NeighInfo, withDevice: boolean): void {
  const { printer } = ctx;
  printer.field('dst', '%-39s ', formatInet(neigh.dst), neigh.family);
  if (withDevice) printer.field('dev', '%-16s ', ctx.nameOf(neigh.ifindex), 'ifname');
  if (neigh.lladdr !== undefined)
    printer.field('lladdr', '%s', linkAddrText(ctx.link(neigh.ifindex), neigh.lladdr), 'mac');
  printer.text('\n');
}

function printCacheInfo({ printer, options }: Context, neigh: NeighInfo): void {
  if (options.stats === 0 || neigh.proxy) return;
  if (neigh.refcnt !== 0) printer.field('refcnt', ' ref %u', neigh.refcnt);
  printer.field('used', ' used %u', neigh.used);
  printer.field('confirmed', '/%u', neigh.confirmed);
  printer.field('updated', '/%u', neigh.updated);
  printer.field('probes', 'probes %u ', neigh.probes);
}

/** Prints one neighbour. Source: iproute2 ip/ipneigh.c, print_neigh(). */
export function printNeigh(ctx: Context, neigh: NeighInfo, withDevice: boolean): void {
  const { printer } = ctx;
  printer.openObject();
  if (ctx.options.brief) printBrief(ctx, neigh, withDevice);
  else printLong(ctx, neigh, withDevice);
  printer.closeObject();
}

function printLong(ctx: Context, neigh: NeighInfo, withDevice: boolean): void {
  const { printer } = ctx;
  printer.field('dst', '%s ', formatInet(neigh.dst), neigh.family);
  if (withDevice) {
    printer.text('dev ');
    printer.field('dev', '%s ', ctx.nameOf(neigh.ifindex), 'ifname');
  }
  if (neigh.lladdr !== undefined) {
    printer.text('lladdr ');
    printer.field('lladdr', '%s ', linkAddrText(ctx.link(neigh.ifindex), neigh.lladdr), 'mac');
  }
  if (neigh.router) printer.mark('router', 'router ');
  if (neigh.proxy) printer.mark('proxy', 'proxy ');
  printCacheInfo(ctx, neigh);
  if (neigh.state !== 'NONE' && !neigh.proxy) {
    printer.openArray('state');
    printer.item('%s ', neigh.state);
    printer.closeArray();
  }
  if (neigh.protocol !== 0)
    printer.field('protocol', 'proto %s ', ctx.names.protocolName(neigh.protocol));
  printer.text('\n');
}
