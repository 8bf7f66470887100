import { bridgeLinkDump, bridgeLinkSet, type LinkInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../context/index.ts';
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
  matches,
  noSuchDevice,
  parseOnOff,
  unsupported,
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

function parseState(text: string): number {
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

/** Source: iproute2 bridge/link.c, brlink_modify(). */
function readWord(ctx: Context, words: PortWords, args: Args): void {
  const { data } = words;
  const option = args.word;
  const attr = SWITCHES.get(option);
  if (attr !== undefined) data[attr] = parseOnOff(option, args.value(), EINVAL_STATUS) ? 1 : 0;
  else if (option === 'dev') words.dev = args.value();
  else if (option === 'mcast_router') data.multicast_router = atoi(args.value());
  else if (option === 'cost' || option === 'priority') data[option] = atoi(args.value());
  else if (option === 'state') data.state = parseState(args.value());
  else if (option === 'self') words.self = true;
  else if (option === 'master') words.master = true;
  else if (option === 'backup_port') data.backup_port = backupPort(ctx, args.value());
  else if (option === 'nobackup_port') data.backup_port = 0;
  else if (option === 'learning_sync' || option === 'hwmode')
    throw unsupported(`Option "${option}" of bridge link`, [...SWITCHES.keys()].join(', '));
  else throw new Exit(255, LINK_USAGE);
}

/** `bridge link set` */
function modify(ctx: Context, rest: readonly string[]): number {
  const words: PortWords = { dev: undefined, self: false, master: false, data: {} };
  for (const args = new Args(rest); !args.done; args.skip()) readWord(ctx, words, args);
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

/** `bridge link …` */
export function bridgeLink(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return show(ctx, []);
  if (['set', 'change'].some((name) => matches(command, name))) return modify(ctx, rest);
  if (['show', 'lst', 'list'].some((name) => matches(command, name))) return show(ctx, rest);
  if (matches(command, 'help')) throw new Exit(255, LINK_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "bridge link help".\n`);
}
