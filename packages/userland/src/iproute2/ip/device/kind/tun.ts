import { IFF_TUN } from '@labwire/devices/link';
import { userNames } from '../../../../base/index.ts';
import type { Context } from '../../../context/index.ts';
import type { Info } from './info.ts';
import type { LinkKind } from './kind.ts';

/** Source: iproute2 ip/iptuntap.c, tun_print_opt(). */
function print(ctx: Context, info: Info): void {
  const { printer } = ctx;
  printer.field('type', 'type %s ', info.type === IFF_TUN ? 'tun' : 'tap');
  printer.onOff('pi', 'pi %s ', info.pi === true);
  printer.onOff('vnet_hdr', 'vnet_hdr %s ', info.vnet_hdr === true);
  if (info.multi_queue === true) {
    printer.flag('multi_queue', 'multi_queue ');
    printer.field('numqueues', 'numqueues %u ', Number(info.num_queues));
    printer.field('numdisabled', 'numdisabled %u ', Number(info.num_disabled_queues));
  } else printer.json('multi_queue', false);
  printer.onOff('persist', 'persist %s ', info.persist === true);
  printOwners(ctx, info);
}

function printOwners({ printer, proc }: Context, { owner, group }: Info): void {
  if (owner === undefined && group === undefined) return;
  const names = userNames(proc.fs);
  if (owner !== undefined) printer.field('user', 'user %s ', names.user(Number(owner)));
  if (group !== undefined) printer.field('group', 'group %s ', names.group(Number(group)));
}

/** `ip -d link` of a tun or tap device; `ip tuntap` makes them. */
export const TUN: LinkKind = { usage: '', print };
