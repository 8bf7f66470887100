import { invalidArgument } from '../../../parse/index.ts';
import { printInfo } from './info.ts';
import type { LinkKind } from './kind.ts';
import { type KindOption, readOptions } from './options.ts';

const USAGE = 'Usage: ... vrf table TABLEID\n';

const TABLE: KindOption = {
  exact: [],
  abbreviated: ['table'],
  arg: 'TABLE',
  read: (data, args, ctx) => {
    const text = args.value();
    data.table = ctx.names.tableId(text);
    if (data.table === undefined) throw invalidArgument('invalid table ID\n', text);
  },
};

/** `ip link … type vrf`. Source: iproute2 ip/iplink_vrf.c */
export const VRF: LinkKind = {
  usage: USAGE,
  words: [TABLE],
  parse: (ctx, args, data) =>
    readOptions(ctx, args, [TABLE], { unknown: 'vrf: unknown option', usage: USAGE }, data),
  print: (ctx, info) => printInfo(ctx, [{ attr: 'table' }], info),
};
/** A device in a VRF. */
export const VRF_SLAVE: LinkKind = {
  usage: USAGE,
  print: (ctx, info) => printInfo(ctx, [{ attr: 'table' }], info),
};
