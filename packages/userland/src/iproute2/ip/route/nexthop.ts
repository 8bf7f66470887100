import type { InetAddr, NexthopInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  type Args,
  Exit,
  Failure,
  findWord,
  invalidArgument,
  parseAddr,
  parseFamily,
  parseUnsigned,
  refusedWord,
  unsupported,
  type Word,
  word,
} from '../../parse/index.ts';

/** RTNH_F_ONLINK */
export const RTNH_F_ONLINK = 4;

/** The gateway after `via`, with its family before it if that is another one. @returns the family of the route if it was not known */
export function readVia(
  args: Args,
  family: AnyFamily,
): { via: InetAddr | undefined; family: AnyFamily } {
  const named = parseFamily(args.value());
  if (named !== undefined) args.value();
  const { addr, family: found } = parseAddr(args.word, named ?? family);
  return { via: addr, family: family ?? found };
}

function readWeight(args: Args): number {
  const text = args.value();
  const weight = parseUnsigned(text, 256);
  if (weight === undefined || weight === 0) throw invalidArgument('"weight" is invalid\n', text);
  return weight;
}

/** What the words of a next hop have said. */
interface Nexthop {
  nexthop: Partial<NexthopInfo>;
  family: AnyFamily;
}

/** The words of a next hop. Source: iproute2 ip/iproute.c, parse_one_nh(). */
export const NEXTHOP_WORDS: readonly Word<Nexthop, Context>[] = [
  word('via [FAMILY] ADDRESS', (state, args) => {
    const { via, family } = readVia(args, state.family);
    state.nexthop = { ...state.nexthop, via };
    state.family = family;
  }),
  word('dev DEVICE', (state, args, ctx) => {
    state.nexthop = { ...state.nexthop, ifindex: ctx.indexOf(args.value()) };
  }),
  word('weight NUMBER', (state, args) => {
    state.nexthop = { ...state.nexthop, weight: readWeight(args) };
  }),
  word('onlink', (state) => {
    state.nexthop = { ...state.nexthop, flags: RTNH_F_ONLINK };
  }),
  refusedWord('realms*|encap|as', (typed) =>
    unsupported(`Option "${typed}" of a next hop`, 'via, dev, weight, onlink'),
  ),
];

/** Reads one next hop; `args` is at `nexthop` and is left after it. */
function readNexthop(ctx: Context, args: Args, family: AnyFamily): Nexthop {
  const state: Nexthop = { nexthop: { weight: 1 }, family };
  for (args.skip(); !args.done; args.skip()) {
    const found = findWord(NEXTHOP_WORDS, args);
    if (found === undefined) break;
    found.read(state, args, ctx);
  }
  return state;
}

/** Reads `nexthop … nexthop …` to the end. Source: ip/iproute.c, parse_nexthops(). */
export function readNexthops(
  ctx: Context,
  args: Args,
  family: AnyFamily,
): { nexthops: Partial<NexthopInfo>[]; family: AnyFamily } {
  const nexthops: Partial<NexthopInfo>[] = [];
  let known = family;
  while (!args.done) {
    if (!args.is('nexthop')) {
      const text = `Error: "nexthop" or end of line is expected instead of "${args.word}"\n`;
      throw new Exit(255, text);
    }
    if (args.left <= 1) throw new Exit(255, 'Error: unexpected end of line after "nexthop"\n');
    const one = tellBadNexthop(() => readNexthop(ctx, args, known));
    nexthops.push(one.nexthop);
    known = one.family;
  }
  return { nexthops, family: known };
}

function tellBadNexthop<T>(read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (!(e instanceof Failure)) throw e;
    throw new Exit(255, `${e.text}Error: cannot parse nexthop\n`);
  }
}
