import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_ONE_QUEUE,
  IFF_PERSIST,
  IFF_TAP,
  IFF_TUN,
  IFF_VNET_HDR,
  Tun,
} from '@labwire/devices/link';
import { type Process, TunDeviceFile } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';

/** Flags by the words that they are shown as. Source: iproute2 ip/iptuntap.c, print_flags(). */
function flagWords(flags: number): string[] {
  const words: readonly (readonly [string, boolean])[] = [
    ['tun', (flags & IFF_TUN) !== 0],
    ['tap', (flags & IFF_TAP) !== 0],
    ['pi', (flags & IFF_NO_PI) === 0],
    ['one_queue', (flags & IFF_ONE_QUEUE) !== 0],
    ['multi_queue', (flags & IFF_MULTI_QUEUE) !== 0],
    ['vnet_hdr', (flags & IFF_VNET_HDR) !== 0],
    ['persist', (flags & IFF_PERSIST) !== 0],
    // IFF_NOFILTER has the value of IFF_NO_PI
    ['filter', (flags & IFF_NO_PI) === 0],
  ];
  return words.filter(([, is]) => is).map(([word]) => word);
}

/** The processes that hold a device. */
function holders(ctx: Context, tun: Tun): Process[] {
  return [...ctx.proc.machine.processes.values()].filter((proc) =>
    [...proc.fds.values()].some((f) => f instanceof TunDeviceFile && f.tun.device === tun),
  );
}

function printHolders(ctx: Context, tun: Tun): void {
  const { printer } = ctx;
  printer.openArray('processes');
  printer.text('\tAttached to processes:');
  for (const { comm, pid } of holders(ctx, tun)) {
    printer.openObject();
    printer.field('name', '%s', comm);
    printer.field('pid', '(%d)', pid);
    printer.closeObject();
  }
  printer.text('\n');
  printer.closeArray();
}

function printTun(ctx: Context, tun: Tun): void {
  const { printer } = ctx;
  printer.openObject();
  printer.field('ifname', '%s:', tun.name, 'ifname');
  printer.openArray('flags');
  for (const word of flagWords(tun.tunFlags)) printer.item(' %s', word);
  printer.closeArray();
  if (tun.owner !== -1) printer.field('user', ' user %u', tun.owner);
  if (tun.ownerGroup !== -1) printer.field('group', ' group %u', tun.ownerGroup);
  printer.text('\n');
  if (ctx.options.details > 0) printHolders(ctx, tun);
  printer.closeObject();
}

/** `ip tuntap show`: all devices, whatever words follow. */
export function showTuns(ctx: Context): number {
  ctx.printer.begin();
  for (const dev of ctx.ns.devices.list()) if (dev instanceof Tun) printTun(ctx, dev);
  ctx.printer.end();
  return 0;
}
