import { formatMac } from '@labwire/core/addr';
import type { FdbInfo } from '@labwire/devices/rtnetlink';
import { formatInet } from '../../libc-net/index.ts';
import type { Context } from '../context/index.ts';

/** NUD_* by what an entry's state is called. */
export const FDB_STATE_BITS: Readonly<Record<FdbInfo['state'], number>> = {
  permanent: 0x80,
  static: 0x40,
  stale: 0x04,
  reachable: 0x02,
};

function printFlags({ printer }: Context, entry: FdbInfo): void {
  printer.openArray('flags');
  if (entry.self) printer.item('%s ', 'self');
  if (entry.extern) printer.item('%s ', 'extern_learn');
  if (entry.offload) printer.item('%s ', 'offload');
  if (entry.sticky) printer.item('%s ', 'sticky');
  printer.closeArray();
}

/** Prints one entry. Source: iproute2 bridge/fdb.c, print_fdb(). */
export function printFdb(ctx: Context, entry: FdbInfo, withDevice: boolean): void {
  const { printer, options } = ctx;
  printer.openObject();
  printer.field('mac', '%s ', formatMac(entry.lladdr), 'mac');
  if (withDevice) {
    printer.text('dev ');
    printer.field('ifname', '%s ', ctx.nameOf(entry.ifindex), 'ifname');
  }
  if (entry.dst !== undefined) {
    printer.text('dst ');
    printer.field('dst', '%s ', formatInet(entry.dst));
  }
  if (entry.port !== undefined) printer.field('port', 'port %u ', entry.port);
  if (entry.vni !== undefined) printer.field('vni', 'vni %u ', entry.vni);
  if (entry.viaIfindex !== undefined)
    printer.field('viaIf', 'via %s ', ctx.nameOf(entry.viaIfindex));
  if (entry.vlan !== 0) printer.field('vlan', 'vlan %u ', entry.vlan);
  if (options.stats > 0 && !entry.self) {
    printer.field('used', 'used %d/', entry.used);
    printer.field('updated', '%d ', entry.updated);
  }
  printFlags(ctx, entry);
  if (entry.masterIfindex !== undefined && !entry.self)
    printer.field('master', 'master %s ', ctx.nameOf(entry.masterIfindex));
  printer.field('state', '%s\n', entry.state === 'reachable' ? '' : entry.state);
  printer.closeObject();
}
