import type { Context } from '../../../context/index.ts';
import { type Args, invalidArgument, parseUnsigned } from '../../../parse/index.ts';
import { etherProtocolName, parseEtherProtocol } from './ether-protocol.ts';
import type { InfoRequest } from './info.ts';
import type { LinkKind } from './kind.ts';
import { flagOption, type KindOption, numberOption, readOptions } from './options.ts';

const USAGE = `Usage: ... vlan id VLANID
		[ protocol VLANPROTO ]
		[ reorder_hdr { on | off } ]
		[ gvrp { on | off } ]
		[ mvrp { on | off } ]
		[ loose_binding { on | off } ]
		[ bridge_binding { on | off } ]
		[ ingress-qos-map QOS-MAP ]
		[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO
`;

/** VLAN_FLAG_*. Linux include/uapi/linux/if_vlan.h. */
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x1, 'REORDER_HDR'],
  [0x2, 'GVRP'],
  [0x8, 'MVRP'],
  [0x4, 'LOOSE_BINDING'],
  [0x10, 'BRIDGE_BINDING'],
];

/** `struct ifla_vlan_qos_mapping` */
interface QosMapping {
  readonly from: number;
  readonly to: number;
}

/** Reads FROM:TO words as long as there are some; leaves `args` at the last of them. Source: iproute2 lib/utils.c, parse_mapping(). */
function readQosMap(args: Args, word: string): QosMapping[] {
  const map: QosMapping[] = [];
  if (args.following === undefined) args.value();
  while (args.following?.includes(':') === true) {
    const [key = '', value = ''] = args.value().split(/:(.*)/s);
    const [from, to] = [parseUnsigned(key), parseUnsigned(value)];
    if (from === undefined || to === undefined) throw invalidArgument(`invalid ${word}`, key);
    map.push({ from, to });
  }
  return map;
}

function qosOption(word: string, attr: string): KindOption {
  return {
    exact: [],
    abbreviated: [word],
    arg: 'FROM:TO ...',
    read: (data, args) => {
      data[attr] = readQosMap(args, word);
    },
  };
}

/** The options, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink_vlan.c, vlan_parse_opt(). */
const OPTIONS: readonly KindOption[] = [
  {
    exact: [],
    abbreviated: ['protocol'],
    arg: 'PROTOCOL',
    read: (data, args) => {
      const text = args.value();
      data.protocol = parseEtherProtocol(text);
      if (data.protocol === undefined) throw invalidArgument('protocol is invalid', text);
    },
  },
  numberOption('id', 16, 'id', 'id is invalid'),
  flagOption('reorder_hdr', 0x1, 'flags'),
  flagOption('gvrp', 0x2, 'flags'),
  flagOption('mvrp', 0x8, 'flags'),
  flagOption('loose_binding', 0x4, 'flags'),
  flagOption('bridge_binding', 0x10, 'flags'),
  qosOption('ingress-qos-map', 'ingress_qos'),
  qosOption('egress-qos-map', 'egress_qos'),
];

function printFlags({ printer }: Context, value: unknown): void {
  let rest = typeof value === 'number' ? value : (value as { flags: number }).flags;
  printer.openArray('flags', '<');
  for (const [bit, name] of FLAGS) {
    if ((rest & bit) === 0) continue;
    rest &= ~bit;
    printer.item(rest !== 0 ? '%s,' : '%s', name);
  }
  if (rest !== 0) printer.item('%s', rest.toString(16));
  printer.closeArray('> ');
}

function printQosMap({ printer }: Context, key: string, words: string, value: unknown): void {
  printer.openArray(key);
  printer.nl();
  printer.text(`      ${words} { `);
  for (const { from, to } of value as readonly QosMapping[]) {
    printer.openObject();
    printer.field('from', '%u:', from);
    printer.field('to', '%u ', to);
    printer.closeObject();
  }
  printer.closeArray();
  printer.text('} ');
}

function print(ctx: Context, info: InfoRequest): void {
  if (info.id === undefined) return;
  const protocol = etherProtocolName(Number(info.protocol ?? 0x8100));
  ctx.printer.field('protocol', 'protocol %s ', protocol);
  ctx.printer.field('id', 'id %u ', Number(info.id));
  if (info.flags !== undefined) printFlags(ctx, info.flags);
  for (const side of ['ingress', 'egress'] as const) {
    const map = info[`${side}_qos`];
    if (map !== undefined) printQosMap(ctx, `${side}_qos`, `${side}-qos-map`, map);
  }
}

/** `ip link … type vlan` */
export const VLAN: LinkKind = {
  usage: USAGE,
  words: OPTIONS,
  parse: (ctx, args, data) =>
    readOptions(ctx, args, OPTIONS, { unknown: 'vlan: unknown command', usage: USAGE }, data),
  print,
};
