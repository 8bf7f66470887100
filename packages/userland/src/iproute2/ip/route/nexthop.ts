import type { InetAddr, NexthopInfo } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import {
  type AnyFamily,
  type Args,
  Exit,
  Failure,
  invalidArgument,
  parseAddr,
  parseFamily,
  parseUnsigned,
  unsupported,
} from '../../parse/index.ts';

/** RTNH_F_ONLINK */
export const RTNH_F_ONLINK = 4;
/** What of a next hop Labwire acts on. */
const NEXTHOP_WORDS = 'via, dev, weight, onlink';

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

/** Reads one next hop; `args` is at `nexthop` and is left after it. Source: iproute2 ip/iproute.c, parse_one_nh(). */
function readNexthop(
  ctx: Context,
  args: Args,
  family: AnyFamily,
): { nexthop: Partial<NexthopInfo>; family: AnyFamily } {
  let nexthop: Partial<NexthopInfo> = { weight: 1 };
  let known = family;
  for (args.skip(); !args.done; args.skip()) {
    if (args.is('via')) {
      const { via, family: found } = readVia(args, known);
      nexthop = { ...nexthop, via };
      known = found;
    } else if (args.is('dev')) nexthop = { ...nexthop, ifindex: ctx.indexOf(args.value()) };
    else if (args.is('weight')) nexthop = { ...nexthop, weight: readWeight(args) };
    else if (args.is('onlink')) nexthop = { ...nexthop, flags: RTNH_F_ONLINK };
    else if (args.matches('realms') || args.is('encap', 'as'))
      throw unsupported(`Option "${args.word}" of a next hop`, NEXTHOP_WORDS);
    else break;
  }
  return { nexthop, family: known };
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
