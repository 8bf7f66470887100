import type { NexthopObjectInfo } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../../libc-net/index.ts';
import type { Context } from '../../context/index.ts';
import { printRouteFlags } from '../route/flags.ts';

function printGroup({ printer }: Context, group: NonNullable<NexthopObjectInfo['group']>): void {
  printer.openArray('group', 'group ');
  group.forEach(({ id, weight }, i) => {
    printer.openObject();
    if (i > 0) printer.text('/');
    printer.field('id', '%u', id);
    if (weight !== 1) printer.field('weight', ',%u', weight);
    printer.closeObject();
  });
  printer.text(' ');
  printer.closeArray();
}

/** Prints what there is to say of a nexthop. Source: iproute2 ip/ipnexthop.c, __print_nexthop_entry(). */
export function nexthopEntry(ctx: Context, nh: NexthopObjectInfo): void {
  const { printer, names, options } = ctx;
  const details = options.details > 0;
  printer.field('id', 'id %u ', nh.id);
  if (nh.group !== undefined) printGroup(ctx, nh.group);
  if (nh.via !== undefined) {
    printer.text('via ');
    printer.field('gateway', '%s ', formatInet(nh.via), nh.family);
  }
  if (nh.ifindex !== undefined) {
    printer.text('dev ');
    printer.field('dev', '%s ', ctx.nameOf(nh.ifindex), 'ifname');
  }
  if (nh.scope !== 0 || details) printer.field('scope', 'scope %s ', names.scopeName(nh.scope));
  if (nh.blackhole) printer.mark('blackhole', 'blackhole ');
  if (nh.protocol !== 0 || details)
    printer.field('protocol', 'proto %s ', names.protocolName(nh.protocol));
  printRouteFlags(printer, nh.flags);
  if (nh.fdb) printer.mark('fdb', 'fdb');
}

/** Prints one nexthop. */
export function printNexthopObject(ctx: Context, nh: NexthopObjectInfo): void {
  ctx.printer.openObject();
  nexthopEntry(ctx, nh);
  ctx.printer.text('\n');
  ctx.printer.closeObject();
}
