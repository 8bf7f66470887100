import type { Context } from '../../../context/index.ts';
import { type Args, Failure, findWord, word } from '../../../parse/index.ts';
import type { Info, InfoRequest } from './info.ts';
import type { LinkKind } from './kind.ts';
import type { KindOption } from './options.ts';

/** IPVLAN_MODE_* by number. Linux include/uapi/linux/if_link.h. */
const MODES: readonly string[] = ['l2', 'l3', 'l3s'];
/** IPVLAN_F_*: none is a bridge. */
const FLAGS: Readonly<Record<string, number>> = { private: 1, vepa: 2, bridge: 0 };

function usageOf(kind: string): string {
  return `Usage: ... ${kind} [ mode MODE ] [ FLAGS ]

MODE: l3 | l3s | l2
FLAGS: bridge | private | vepa
(first values are the defaults if nothing is specified).
`;
}

function readMode(args: Args): number {
  const mode = MODES.indexOf(args.value());
  if (mode >= 0) return mode;
  throw new Failure(1, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"\n');
}

/** A flag that may be given once; a second one is no option. */
const FLAG = '#flag';

const OPTIONS: readonly KindOption[] = [
  word('mode* l2|l3|l3s', (data, args) => {
    data.mode = readMode(args);
  }),
  ...Object.keys(FLAGS).map((name) =>
    word<InfoRequest, Context>(`${name}*`, (data) => {
      data[FLAG] = name;
    }),
  ),
];

/** Source: iproute2 ip/iplink_ipvlan.c, ipvlan_parse_opt(). */
function parse(kind: string, ctx: Context, args: Args, data: InfoRequest): void {
  const usage = usageOf(kind);
  for (; !args.done; args.skip()) {
    const known = data[FLAG] === undefined ? OPTIONS : OPTIONS.slice(0, 1);
    const found = findWord(known, args);
    if (found !== undefined) found.read(data, args, ctx);
    else if (args.matches('help')) throw new Failure(1, usage);
    else throw new Failure(1, `${kind}: unknown option "${args.word}"?\n${usage}`);
  }
  data.flags = FLAGS[String(data[FLAG] ?? 'bridge')];
  delete data[FLAG];
}

function print({ printer }: Context, info: Info): void {
  const { mode, flags } = info;
  if (mode !== undefined) printer.field('mode', ' mode %s ', MODES[Number(mode)] ?? 'unknown');
  if (flags === undefined) return;
  const name =
    (Number(flags) & 1) !== 0 ? 'private' : (Number(flags) & 2) !== 0 ? 'vepa' : 'bridge';
  printer.flag(name, `${name} `);
}

function kindOf(name: string): LinkKind {
  return {
    usage: usageOf(name),
    words: OPTIONS,
    parse: (ctx, args, data) => parse(name, ctx, args, data),
    print,
  };
}

/** `ip link … type ipvlan` */
export const IPVLAN: LinkKind = kindOf('ipvlan');
/** `ip link … type ipvtap` */
export const IPVTAP: LinkKind = kindOf('ipvtap');
