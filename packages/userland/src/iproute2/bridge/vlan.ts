import {
  type BridgeVlanInfo,
  type BridgeVlanRequest,
  type BridgeVlanSetRequest,
  bridgeVlanAdd,
  bridgeVlanDel,
  bridgeVlanDump,
  bridgeVlanSet,
} from '@labwire/devices/rtnetlink';
import type { ManualSection } from '../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
  talk,
} from '../context/index.ts';
import { PORT_STATES } from '../ip/index.ts';
import {
  Args,
  atoi,
  Exit,
  Failure,
  findWord,
  refusedWord,
  unsupported,
  type Word,
  word,
  wordRows,
} from '../parse/index.ts';
import { failWith, parseState } from './link.ts';
import { VLAN_USAGE } from './usage.ts';

/** Width of the first column: the longest name of a device and the widest head. */
const NAME_WIDTH = 18;

type Vlan = BridgeVlanInfo['vlans'][number];

function printFlags({ printer }: Context, { pvid, untagged }: Vlan): void {
  if (!pvid && !untagged) return;
  printer.openArray('flags');
  if (pvid) printer.item(' %s', 'PVID');
  if (untagged) printer.item(' %s', 'Egress Untagged');
  printer.closeArray();
}

/** Source: bridge/vlan.c, print_vlan_info(), print_vlan_opts(), __print_one_vlan_stats() */
function printVlan(ctx: Context, vlan: Vlan, isFirst: boolean): void {
  const { printer, options } = ctx;
  if (!isFirst) printer.text(' '.repeat(NAME_WIDTH));
  printer.openObject();
  // counters alone come by another request, whose answer is printed under another name
  printer.field(options.stats > 0 && options.details === 0 ? 'vid' : 'vlan', '%u', vlan.vid);
  printFlags(ctx, vlan);
  printer.text('\n');
  const indent = ' '.repeat(NAME_WIDTH + 2);
  if (options.details > 0) {
    printer.text(indent);
    printer.field('state', 'state %s ', vlan.state);
    printer.field('mcast_router', 'mcast_router %u ', 1);
    printer.text('\n');
  }
  if (options.stats > 0) {
    const { rxBytes, rxPackets, txBytes, txPackets } = vlan.stats;
    printer.text(indent);
    printer.field('rx_bytes', 'RX: %u bytes', rxBytes);
    printer.field('rx_packets', ' %u packets\n', rxPackets);
    printer.text(indent);
    printer.field('tx_bytes', 'TX: %u bytes', txBytes);
    printer.field('tx_packets', ' %u packets\n', txPackets);
  }
  printer.closeObject();
}

/** By index; with counters, which are asked for in two requests, bridges before ports. */
function inOrder(ctx: Context): BridgeVlanInfo[] {
  const all = talk(() => bridgeVlanDump(ctx.ns));
  if (ctx.options.stats === 0) return all;
  const isBridge = ({ ifindex }: BridgeVlanInfo) => ctx.link(ifindex)?.kind === 'bridge';
  return [...all.filter(isBridge), ...all.filter((info) => !isBridge(info))];
}

/** `bridge vlan show`. Source: iproute2 bridge/vlan.c, vlan_show(). */
function show(ctx: Context, words: readonly string[]): number {
  let dev: string | undefined;
  let vid = 0;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (args.is('dev')) dev = args.value();
    else if (args.is('vid')) vid = atoi(args.value());
  }
  const ifindex = dev === undefined ? 0 : ctx.indexOf(dev);
  const { printer } = ctx;
  printer.begin();
  printer.text(
    `${'port'.padEnd(NAME_WIDTH)}vlan-id${ctx.options.stats > 0 && ctx.options.details === 0 ? '' : '  '}\n`,
  );
  for (const info of inOrder(ctx)) {
    if (ifindex !== 0 && info.ifindex !== ifindex) continue;
    const vlans = info.vlans.filter((v) => vid === 0 || v.vid === vid);
    if (vlans.length === 0) continue;
    const name = ctx.nameOf(info.ifindex);
    printer.openObject();
    printer.field('ifname', '%s', printer.isJson ? name : name.padEnd(NAME_WIDTH), 'ifname');
    printer.openArray('vlans');
    vlans.forEach((vlan, i) => {
      printVlan(ctx, vlan, i === 0);
    });
    printer.closeArray();
    printer.closeObject();
  }
  printer.end();
  return 0;
}

/** What `add` and `delete` were told. */
interface VlanWords {
  dev: string | undefined;
  first: number;
  last: number;
  range: boolean;
  pvid: boolean;
  untagged: boolean;
  self: boolean;
  master: boolean;
}

/** The words of `add` and `delete`. Source: bridge/vlan.c, vlan_modify(). */
const WORDS: readonly Word<VlanWords>[] = [
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('vid VLAN[-VLAN]', (words, args) => readVid(words, args.value())),
  word('self', (words) => {
    words.self = true;
  }),
  word('master', (words) => {
    words.master = true;
  }),
  word('pvid', (words) => {
    words.pvid = true;
  }),
  word('untagged', (words) => {
    words.untagged = true;
  }),
  refusedWord('tunnel_info', () =>
    unsupported('Option "tunnel_info" of bridge vlan', 'dev, vid, pvid, untagged, self, master'),
  ),
];

function readWords(rest: readonly string[]): VlanWords {
  const words: VlanWords = {
    dev: undefined,
    first: -1,
    last: -1,
    range: false,
    pvid: false,
    untagged: false,
    self: false,
    master: false,
  };
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(WORDS, args);
    if (found !== undefined) found.read(words, args, undefined);
    else if (args.matches('help')) args.value();
  }
  return words;
}

function readVid(words: Pick<VlanWords, 'first' | 'last' | 'range'>, text: string): void {
  const [first = '', ...rest] = text.split('-');
  words.first = atoi(first);
  words.range = rest.length > 0;
  words.last = words.range ? atoi(rest.join('-')) : words.first;
}

function requestOf(ctx: Context, words: VlanWords): BridgeVlanRequest {
  const { dev, first, last, range, pvid, untagged, self, master } = words;
  if (dev === undefined || first === -1)
    throw new Failure(1, 'Device and VLAN ID are required arguments.\n');
  const ifindex = ctx.findIndex(dev);
  if (ifindex === 0) throw new Failure(1, `Cannot find bridge device "${dev}"\n`);
  if (first >= 4096) throw new Failure(1, `Invalid VLAN ID "${first}"\n`);
  if (range && (last >= 4096 || first >= last))
    throw new Failure(1, `Invalid VLAN range "${first}-${last}"\n`);
  if (range && pvid) throw new Failure(1, 'pvid cannot be configured for a vlan range\n');
  return { ifindex, first, last, pvid, untagged, self, master };
}

function modify(ctx: Context, rest: readonly string[], change: typeof bridgeVlanAdd): number {
  const request = requestOf(ctx, readWords(rest));
  failWith(1, () => ctx.modify(() => change(ctx.ns, request)));
  return 0;
}

/** What `set` was told. */
interface SetWords extends Pick<VlanWords, 'dev' | 'first' | 'last' | 'range'> {
  state: number | undefined;
}

/** The words of `set`. Source: bridge/vlan.c, vlan_option_set(). */
const SET_WORDS: readonly Word<SetWords>[] = [
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('vid VLAN[-VLAN]', (words, args) => readVid(words, args.value())),
  word('state STATE', (words, args) => {
    words.state = parseState(args.value());
  }),
  refusedWord('mcast_router', () =>
    unsupported('Option "mcast_router" of bridge vlan set', 'dev, vid, state'),
  ),
];

/** `bridge vlan set` */
function set(ctx: Context, rest: readonly string[]): number {
  const words: SetWords = { dev: undefined, first: -1, last: -1, range: false, state: undefined };
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(SET_WORDS, args);
    if (found === undefined) throw new Exit(255, VLAN_USAGE);
    found.read(words, args, undefined);
  }
  const { dev, first, last, range, state } = words;
  if (dev === undefined || first === -1)
    throw new Failure(1, 'Device and VLAN ID are required arguments.\n');
  const ifindex = ctx.findIndex(dev);
  if (ifindex === 0) throw new Failure(1, `Cannot find network device "${dev}"\n`);
  if (first >= 4096) throw new Failure(1, `Invalid VLAN ID "${first}"\n`);
  if (range && (last >= 4096 || first >= last))
    throw new Failure(1, `Invalid VLAN range "${first}-${last}"\n`);
  const name = PORT_STATES[state ?? -1] as BridgeVlanSetRequest['state'] | undefined;
  if (name === undefined) return 0;
  failWith(1, () => ctx.modify(() => bridgeVlanSet(ctx.ns, { ifindex, first, last, state: name })));
  return 0;
}

const COMMANDS: CommandSet = {
  name: 'bridge vlan',
  usage: VLAN_USAGE,
  bare: show,
  commands: [
    ...commands('add', (ctx, rest) => modify(ctx, rest, bridgeVlanAdd)),
    ...commands('delete', (ctx, rest) => modify(ctx, rest, bridgeVlanDel)),
    ...commands('show lst list', show),
    ...commands('set', set),
    ...refusedCommands('tunnelshow global', (name) =>
      unsupported(`bridge vlan ${name}`, 'bridge vlan add, delete, show and set'),
    ),
  ],
};

/** `bridge vlan …` */
export function bridgeVlan(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `bridge vlan` can be told. */
export const vlanManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'bridge vlan add, delete', rows: wordRows(WORDS) },
  { title: 'bridge vlan set', rows: wordRows(SET_WORDS) },
  {
    title: 'bridge vlan show',
    rows: [
      { names: ['dev'], arg: 'DEVICE' },
      { names: ['vid'], arg: 'VLAN' },
    ],
  },
];
