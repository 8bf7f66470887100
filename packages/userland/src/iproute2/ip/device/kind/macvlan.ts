import { formatMac, type MacAddr } from '@labwire/core/addr';
import type { Context } from '../../../context/index.ts';
import {
  type Args,
  Failure,
  macOfBytes,
  parseLinkAddr,
  parseUnsigned,
  word,
} from '../../../parse/index.ts';
import type { Info, InfoRequest } from './info.ts';
import type { LinkKind } from './kind.ts';
import { type KindOption, readOptions } from './options.ts';

/** MACVLAN_MODE_*. Linux include/uapi/linux/if_link.h. */
const MODES: Readonly<Record<string, number>> = {
  private: 1,
  vepa: 2,
  bridge: 4,
  passthru: 8,
  source: 16,
};
const PASSTHRU = 8;
const SOURCE = 16;
/** MACVLAN_FLAG_* */
const FLAGS: Readonly<Record<string, number>> = { nopromisc: 1, nodst: 2, null: 0 };
/** MACVLAN_MACADDR_* */
const MACADDR_MODES: Readonly<Record<string, number>> = { add: 0, del: 1, flush: 2, set: 3 };

function usageOf(kind: string): string {
  return `Usage: ... ${kind} mode MODE [flag MODE_FLAG] MODE_OPTS [bcqueuelen BC_QUEUE_LEN]

MODE: private | vepa | bridge | passthru | source
MODE_FLAG: null | nopromisc | nodst
MODE_OPTS: for mode "source":
	macaddr { { add | del } <macaddr> | set [ <macaddr> [ <macaddr>  ... ] ] | flush }
BC_QUEUE_LEN: Length of the rx queue for broadcast/multicast: [0-4294967295]
`;
}

function readMode(args: Args): number {
  const mode = MODES[args.value()];
  if (mode !== undefined) return mode;
  throw new Failure(
    1,
    `Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${args.word}"\n`,
  );
}

function readFlag(args: Args): number {
  const flag = FLAGS[args.value()];
  if (flag !== undefined) return flag;
  throw new Failure(
    1,
    `Error: argument of "flag" must be "nopromisc", "nodst" or "null", not "${args.word}"\n`,
  );
}

function addFlag(data: InfoRequest, flag: number): void {
  data.flags = Number(data.flags ?? 0) | flag;
}

function readMacs(args: Args, usage: string, data: InfoRequest): void {
  const word = args.value();
  const mode = MACADDR_MODES[word];
  if (mode === undefined) throw new Failure(1, usage);
  data.macaddr_mode = mode;
  if (word === 'add' || word === 'del') data.macaddr = macOfBytes(parseLinkAddr(args.value()));
  if (word !== 'set') return;
  const macs: MacAddr[] = [];
  while (/^[0-9a-f]+(:[0-9a-f]+){5}$/i.test(args.following ?? ''))
    macs.push(macOfBytes(parseLinkAddr(args.value())));
  data.macaddr_data = macs;
}

function readQueueLength(args: Args): number {
  const length = parseUnsigned(args.value());
  if (length !== undefined) return length;
  throw new Failure(
    1,
    `Error: argument of "bcqueuelen" must be a positive integer [0-4294967295], not "${args.word}"\n`,
  );
}

/** The options, in the order in which an abbreviation is looked up. Source: iproute2 ip/iplink_macvlan.c, macvlan_parse_opt(). */
function optionsOf(usage: string): readonly KindOption[] {
  return [
    word('mode* MODE', (data, args) => {
      data.mode = readMode(args);
    }),
    word('flag* FLAG', (data, args) => addFlag(data, readFlag(args))),
    word('macaddr* COMMAND [MAC ...]', (data, args) => readMacs(args, usage, data)),
    word('nopromisc*', (data) => addFlag(data, 1)),
    word('nodst*', (data) => addFlag(data, 2)),
    word('bcqueuelen* NUMBER', (data, args) => {
      data.bc_queue_len = readQueueLength(args);
    }),
  ];
}

function parse(kind: string, ctx: Context, args: Args, data: InfoRequest): void {
  const usage = usageOf(kind);
  readOptions(ctx, args, optionsOf(usage), { unknown: `${kind}: unknown option`, usage }, data);
  if ((Number(data.flags ?? 0) & 1) !== 0 && data.mode !== PASSTHRU) {
    const text = `${kind}: nopromisc flag only valid in passthru mode\n${usage}`;
    throw new Failure(1, text);
  }
}

function print({ printer }: Context, info: Info): void {
  const mode = info.mode;
  if (mode === undefined) return;
  const name = Object.keys(MODES).find((m) => MODES[m] === mode) ?? 'unknown';
  printer.field('mode', 'mode %s ', name);
  const flags = Number(info.flags ?? 0);
  if ((flags & 1) !== 0) printer.flag('nopromisc', 'nopromisc ');
  if ((flags & 2) !== 0) printer.flag('nodst', 'nodst ');
  const length = (key: string, attr: string) => {
    if (info[attr] !== undefined) printer.field(key, `${key} %u `, Number(info[attr]));
  };
  length('bcqueuelen', 'bc_queue_len');
  length('usedbcqueuelen', 'bc_queue_len_used');
  if (mode !== SOURCE || info.macaddr_count === undefined) return;
  printer.field('macaddr_count', 'remotes (%d) ', Number(info.macaddr_count));
  if (info.macaddr_data === undefined) return;
  printer.openArray('macaddr_data');
  for (const mac of info.macaddr_data as readonly MacAddr[]) printer.item('%s ', formatMac(mac));
  printer.closeArray();
}

function kindOf(name: string): LinkKind {
  return {
    usage: usageOf(name),
    words: optionsOf(usageOf(name)),
    parse: (ctx, args, data) => parse(name, ctx, args, data),
    print,
  };
}

/** `ip link … type macvlan` */
export const MACVLAN: LinkKind = kindOf('macvlan');
/** `ip link … type macvtap` */
export const MACVTAP: LinkKind = kindOf('macvtap');
