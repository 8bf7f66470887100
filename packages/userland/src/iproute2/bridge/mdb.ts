import { formatMac, type MacAddr, parseIpv4, parseIpv6 } from '@labwire/core/addr';
import { type Nanos, SEC } from '@labwire/core/sim';
import {
  type BridgeMdbInfo,
  type MdbInfo,
  type MdbRequest,
  mdbAdd,
  mdbDel,
  mdbDump,
  type RouterPortInfo,
} from '@labwire/devices/rtnetlink';
import { formatInet } from '../../libc-net/index.ts';
import type { ManualSection } from '../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../context/index.ts';
import {
  Args,
  atoi,
  duplicateArgument,
  Exit,
  Failure,
  findWord,
  macOfBytes,
  noSuchDevice,
  parseLinkAddr,
  type Word,
  word,
  wordRows,
} from '../parse/index.ts';
import { failWith } from './link.ts';
import { MDB_USAGE } from './usage.ts';

/** Bytes of a MAC address. */
const ETH_ALEN = 6;
/** MDB_RTR_TYPE_*: those that are routers for a while. */
const TEMPORARY_ROUTERS = [1, 3];

/** Seconds with their hundredths. Source: iproute2 bridge/mdb.c, format_timer(). */
function formatTimer(timer: Nanos): string {
  const hundredths = Math.floor(timer / (SEC / 100));
  const rest = String(hundredths % 100).padStart(2, '0');
  return `${String(Math.floor(hundredths / 100)).padStart(4)}.${rest}`;
}

function formatGroup({ group }: MdbInfo): string {
  return typeof group === 'object' && 'mac' in group ? formatMac(group.mac) : formatInet(group);
}

/** Source: bridge/mdb.c, print_mdb_entry(). */
function printEntry(ctx: Context, bridge: BridgeMdbInfo, entry: MdbInfo): void {
  const { printer, options } = ctx;
  const { source, filterMode, protocol } = entry;
  printer.openObject();
  printer.json('index', bridge.ifindex);
  printer.field('dev', 'dev %s', ctx.nameOf(bridge.ifindex), 'ifname');
  printer.field('port', ' port %s', ctx.nameOf(entry.port), 'ifname');
  printer.text(' grp ');
  const isLink = typeof entry.group === 'object' && 'mac' in entry.group;
  const color = isLink ? 'mac' : typeof entry.group === 'number' ? 'inet' : 'inet6';
  printer.field('grp', '%s', formatGroup(entry), color);
  if (source !== undefined) {
    printer.text(' src ');
    printer.field('src', '%s', formatInet(source), typeof source === 'number' ? 'inet' : 'inet6');
  }
  printer.field('state', ' %s', entry.permanent ? 'permanent' : 'temp');
  if (options.details > 0) {
    if (filterMode !== undefined) printer.field('filter_mode', ' filter_mode %s', filterMode);
    if (protocol !== undefined) printer.field('protocol', ' proto %s ', protocol);
  }
  printer.openArray('flags');
  printer.closeArray();
  if (entry.vid !== 0) printer.field('vid', ' vid %u', entry.vid);
  if (options.stats > 0) printer.field('timer', ' %s', formatTimer(entry.timer));
  printer.nl();
  printer.closeObject();
}

/** Source: bridge/mdb.c, __print_router_port_stats(). */
function printRouterStats({ printer }: Context, router: RouterPortInfo): void {
  printer.field('timer', ' %s', formatTimer(router.timer));
  printer.field('type', ' %s', TEMPORARY_ROUTERS.includes(router.type) ? 'temp' : 'permanent');
}

/** Source: bridge/mdb.c, br_print_router_ports(). */
function printRouters(ctx: Context, { ifindex, routers }: BridgeMdbInfo): void {
  const { printer, options } = ctx;
  const stats = options.stats > 0;
  const head = `router ports on ${ctx.nameOf(ifindex)}: `;
  printer.openArray(ctx.nameOf(ifindex));
  if (!stats) printer.text(head);
  for (const router of routers) {
    printer.openObject();
    if (stats) printer.text(head);
    printer.field('port', stats ? '%s' : '%s ', ctx.nameOf(router.port));
    if (stats) {
      printRouterStats(ctx, router);
      printer.text('\n');
    }
    printer.closeObject();
  }
  if (!stats) printer.nl();
  printer.closeArray();
}

/** `bridge mdb show`. Source: bridge/mdb.c, mdb_show(). */
function show(ctx: Context, words: readonly string[]): number {
  let dev: string | undefined;
  let vid = 0;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (args.is('dev')) {
      const name = args.value();
      if (dev !== undefined) throw duplicateArgument('dev', name);
      dev = name;
    } else if (args.is('vid')) {
      const text = args.value();
      if (vid !== 0) throw duplicateArgument('vid', text);
      vid = atoi(text);
    }
  }
  const ifindex = dev === undefined ? 0 : ctx.indexOf(dev);
  const bridges = mdbDump(ctx.ns).filter((b) => ifindex === 0 || b.ifindex === ifindex);
  const { printer, options } = ctx;
  printer.begin();
  printer.openObject();
  printer.openArray('mdb');
  for (const bridge of bridges)
    for (const entry of bridge.entries)
      if (vid === 0 || entry.vid === vid) printEntry(ctx, bridge, entry);
  printer.closeArray();
  printer.openObject('router');
  if (options.details > 0)
    for (const bridge of bridges) if (bridge.routers.length > 0) printRouters(ctx, bridge);
  printer.closeObject();
  printer.closeObject();
  printer.end();
  return 0;
}

function invalidAddress(text: string): Failure {
  return new Failure(1, `Invalid address "${text}"\n`);
}

/** Source: bridge/mdb.c, mdb_parse_grp(). */
function parseGroup(text: string): MdbRequest['group'] {
  const inet = parseIpv4(text) ?? parseIpv6(text);
  if (inet !== undefined) return inet;
  try {
    const bytes = parseLinkAddr(text);
    if (bytes.length === ETH_ALEN) return { mac: macOfBytes(bytes) as MacAddr };
  } catch (e) {
    throw e instanceof Failure ? new Failure(1, `${e.text}${invalidAddress(text).text}`) : e;
  }
  throw invalidAddress(text);
}

/** What the words of `add` and `del` say. */
interface MdbWords {
  dev: string | undefined;
  grp: string | undefined;
  port: string | undefined;
  src: string | undefined;
  vid: number;
  permanent: boolean;
}

/** The words of `add` and `del`; those that it does not know are passed over. Source: bridge/mdb.c, mdb_modify(). */
const WORDS: readonly Word<MdbWords>[] = [
  word('dev BRIDGE', (words, args) => {
    words.dev = args.value();
  }),
  word('grp GROUP', (words, args) => {
    words.grp = args.value();
  }),
  word('port DEVICE', (words, args) => {
    words.port = args.value();
  }),
  word('permanent', (words) => {
    words.permanent = true;
  }),
  word('vid VLAN', (words, args) => {
    words.vid = atoi(args.value());
  }),
  word('src ADDRESS', (words, args) => {
    words.src = args.value();
  }),
  word('temp', () => {}),
];

function readWords(rest: readonly string[]): MdbWords {
  const words: MdbWords = {
    dev: undefined,
    grp: undefined,
    port: undefined,
    src: undefined,
    vid: 0,
    permanent: false,
  };
  for (const args = new Args(rest); !args.done; args.skip()) {
    const found = findWord(WORDS, args);
    if (found !== undefined) found.read(words, args, undefined);
    else if (args.matches('help')) throw new Exit(255, MDB_USAGE);
  }
  return words;
}

function indexOf(ctx: Context, name: string): number {
  const index = ctx.findIndex(name);
  if (index === 0) throw noSuchDevice(name);
  return index;
}

function requestOf(ctx: Context, words: MdbWords): MdbRequest {
  const { dev, grp, port, src, vid, permanent } = words;
  if (dev === undefined || grp === undefined || port === undefined)
    throw new Failure(1, 'Device, group address and port name are required arguments.\n');
  const ifindex = indexOf(ctx, dev);
  const request = { ifindex, port: indexOf(ctx, port), group: parseGroup(grp), vid, permanent };
  if (src === undefined) return request;
  const source = parseIpv4(src) ?? parseIpv6(src);
  if (source === undefined) throw new Failure(1, `Invalid source address "${src}"\n`);
  return { ...request, source };
}

function modify(ctx: Context, rest: readonly string[], change: typeof mdbAdd): number {
  const request = requestOf(ctx, readWords(rest));
  failWith(1, () => ctx.modify(() => change(ctx.ns, request)));
  return 0;
}

const COMMANDS: CommandSet = {
  name: 'bridge mdb',
  usage: MDB_USAGE,
  bare: show,
  commands: [
    ...commands('add', (ctx, rest) => modify(ctx, rest, mdbAdd)),
    ...commands('delete', (ctx, rest) => modify(ctx, rest, mdbDel)),
    ...commands('show lst list', show),
  ],
};

/** `bridge mdb …` */
export function bridgeMdb(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `bridge mdb` can be told. */
export const mdbManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'bridge mdb add, delete', rows: wordRows(WORDS) },
  {
    title: 'bridge mdb show',
    rows: [
      { names: ['dev'], arg: 'BRIDGE' },
      { names: ['vid'], arg: 'VLAN' },
    ],
  },
];
