import { bridgeLinkDump, bridgeLinkSet, type LinkInfo } from '@labwire/devices/rtnetlink';
import type { ManualSection } from '../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../context/index.ts';
import {
  type InfoRow,
  PORT_STATES,
  printInfo,
  printLinkFlags,
  printNameAndLink,
} from '../ip/index.ts';
import {
  Args,
  atoi,
  duplicateArgument,
  Exit,
  Failure,
  findWord,
  noSuchDevice,
  parseOnOff,
  refusedWord,
  unsupported,
  type Word,
  word,
  wordRows,
} from '../parse/index.ts';
import { LINK_USAGE } from './usage.ts';

/** What `EINVAL` as a return value makes of the exit status. */
const EINVAL_STATUS = 22;

/** Options that are `on` or `off`, and their attributes: IFLA_BRPORT_* in lower case. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ['guard', 'guard'],
  ['hairpin', 'mode'],
  ['fastleave', 'fast_leave'],
  ['root_block', 'protect'],
  ['learning', 'learning'],
  ['flood', 'unicast_flood'],
  ['mcast_flood', 'mcast_flood'],
  ['bcast_flood', 'bcast_flood'],
  ['mcast_to_unicast', 'mcast_to_ucast'],
  ['neigh_suppress', 'neigh_suppress'],
  ['vlan_tunnel', 'vlan_tunnel'],
  ['isolated', 'isolated'],
  ['locked', 'locked'],
]);

/** What a port is shown with, and under `-d`. Source: iproute2 bridge/link.c, print_protinfo(). */
const ROWS: readonly InfoRow[] = [
  {
    attr: 'state',
    as: ({ printer }, v) => {
      const name = PORT_STATES[Number(v)];
      if (name !== undefined) printer.field('state', 'state %s ', name);
      else printer.field('state', 'state (%d) ', Number(v));
    },
  },
  { attr: 'priority' },
  { attr: 'cost' },
];
const DETAIL_ROWS: readonly InfoRow[] = [
  { attr: 'mode', key: 'hairpin', words: 'hairpin', as: 'onOff' },
  { attr: 'guard', as: 'onOff' },
  { attr: 'protect', key: 'root_block', words: 'root_block', as: 'onOff' },
  { attr: 'fast_leave', key: 'fastleave', words: 'fastleave', as: 'onOff' },
  { attr: 'learning', as: 'onOff' },
  { attr: 'unicast_flood', key: 'flood', words: 'flood', as: 'onOff' },
  { attr: 'mcast_flood', as: 'onOff' },
  { attr: 'bcast_flood', as: 'onOff' },
  { attr: 'multicast_router', key: 'mcast_router', words: 'mcast_router' },
  { attr: 'mcast_to_ucast', key: 'mcast_to_unicast', words: 'mcast_to_unicast', as: 'onOff' },
  { attr: 'neigh_suppress', as: 'onOff' },
  { attr: 'vlan_tunnel', as: 'onOff' },
  {
    attr: 'backup_port',
    as: (ctx, v) => ctx.printer.field('backup_port', 'backup_port %s ', ctx.nameOf(Number(v))),
  },
  { attr: 'isolated', as: 'onOff' },
  { attr: 'locked', as: 'onOff' },
];

function printPort(ctx: Context, link: LinkInfo): void {
  const { printer } = ctx;
  const data = link.slaveData ?? {};
  printer.openObject();
  printer.field('ifindex', '%d: ', link.ifindex);
  // this dump does not tell that the other end is in another namespace
  const down = printNameAndLink(ctx, '%s: ', { ...link, linkNetnsid: undefined });
  printLinkFlags(printer, link.flags, down);
  printer.field('mtu', 'mtu %u ', link.mtu);
  if (link.masterIfindex !== undefined)
    printer.field('master', 'master %s ', ctx.nameOf(link.masterIfindex));
  printInfo(ctx, ROWS, data);
  if (ctx.options.details > 0) {
    printer.text(`${printer.lineEnd}    `);
    printInfo(ctx, DETAIL_ROWS, data);
  }
  printer.text('\n');
  printer.closeObject();
}

/** `bridge link show` */
function show(ctx: Context, words: readonly string[]): number {
  let dev: string | undefined;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (!args.is('dev')) continue;
    const name = args.value();
    if (dev !== undefined) throw duplicateArgument('dev', name);
    dev = name;
  }
  const ifindex = dev === undefined ? 0 : ctx.findIndex(dev);
  if (dev !== undefined && ifindex === 0) throw noSuchDevice(dev);
  ctx.printer.begin();
  for (const link of bridgeLinkDump(ctx.ns))
    if (ifindex === 0 || link.ifindex === ifindex) printPort(ctx, link);
  ctx.printer.end();
  return 0;
}

/** The number of a spanning tree state's name, or a number itself. Source: iproute2 bridge/utils, parse_stp_state() */
export function parseState(text: string): number {
  const state = /^-?\d+$/.test(text) ? Number(text) : PORT_STATES.indexOf(text);
  if (state === -1) throw new Failure(1, 'Error: invalid STP port state\n');
  return state;
}

function backupPort(ctx: Context, name: string): number {
  const index = ctx.findIndex(name);
  if (index === 0) throw new Failure(1, `Error: device ${name} does not exist\n`);
  return index;
}

/** What `bridge link set` changes. */
interface PortWords {
  dev: string | undefined;
  self: boolean;
  master: boolean;
  readonly data: Record<string, number>;
}

/** The words of `set`. Source: iproute2 bridge/link.c, brlink_modify(). */
const WORDS: readonly Word<PortWords, Context>[] = [
  ...[...SWITCHES].map(([name, attr]) =>
    word<PortWords, Context>(`${name} on|off`, ({ data }, args) => {
      data[attr] = parseOnOff(name, args.value(), EINVAL_STATUS) ? 1 : 0;
    }),
  ),
  word('dev DEVICE', (words, args) => {
    words.dev = args.value();
  }),
  word('mcast_router NUMBER', ({ data }, args) => {
    data.multicast_router = atoi(args.value());
  }),
  word('cost NUMBER', ({ data }, args) => {
    data.cost = atoi(args.value());
  }),
  word('priority NUMBER', ({ data }, args) => {
    data.priority = atoi(args.value());
  }),
  word('state STATE', ({ data }, args) => {
    data.state = parseState(args.value());
  }),
  word('self', (words) => {
    words.self = true;
  }),
  word('master', (words) => {
    words.master = true;
  }),
  word('backup_port DEVICE', ({ data }, args, ctx) => {
    data.backup_port = backupPort(ctx, args.value());
  }),
  word('nobackup_port', ({ data }) => {
    data.backup_port = 0;
  }),
  refusedWord('learning_sync|hwmode', (typed) =>
    unsupported(`Option "${typed}" of bridge link`, [...SWITCHES.keys()].join(', ')),
  ),
];

/** `bridge link set` */
function modify(ctx: Context, rest: readonly string[]): number {
  const words: PortWords = { dev: undefined, self: false, master: false, data: {} };
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(WORDS, args);
    if (found === undefined) throw new Exit(255, LINK_USAGE);
    found.read(words, args, ctx);
  }
  const { dev, self, master, data } = words;
  if (dev === undefined) throw new Failure(1, 'Device is a required argument.\n');
  const ifindex = ctx.findIndex(dev);
  if (ifindex === 0) throw new Failure(1, `Cannot find bridge device "${dev}"\n`);
  if ((data.cost ?? 1) <= 0) delete data.cost;
  if ((data.priority ?? 0) < 0) delete data.priority;
  const request = { self, master, slaveData: data };
  failWith(1, () => ctx.modify(() => bridgeLinkSet(ctx.ns, ifindex, request)));
  return 0;
}

/** Runs what may fail, with another status if it does. */
export function failWith(status: number, run: () => void): void {
  try {
    run();
  } catch (e) {
    throw e instanceof Failure ? new Failure(status, e.text) : e;
  }
}

/** The commands, in the order in which an abbreviation is looked up. */
const COMMANDS: CommandSet = {
  name: 'bridge link',
  usage: LINK_USAGE,
  bare: show,
  commands: [...commands('set change', modify), ...commands('show lst list', show)],
};

/** `bridge link …` */
export function bridgeLink(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `bridge link` can be told. */
export const linkManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'bridge link set', rows: wordRows(WORDS) },
  { title: 'bridge link show', rows: [{ names: ['dev'], arg: 'DEVICE' }] },
];
