import { type GetoptTable, getopt, type LongOption, type OptionFound } from '../libc-net/index.ts';
import type { Process, Program } from '../machine/index.ts';
import { program } from './exit.ts';
import { FAMILY_OPTIONS, familyNamed } from './family.ts';
import { RouteChange } from './route-change.ts';
import { showRoutes } from './route-table.ts';
import { changeRoute6 } from './route6-change.ts';
import { showCache6, showRoutes6 } from './route6-table.ts';
import {
  INET_ROUTE_USAGE,
  INET6_ROUTE_USAGE,
  RELEASE,
  ROUTE_USAGE,
  usage,
  usageError,
} from './usage.ts';

const LONGS: readonly LongOption[] = [
  ...FAMILY_OPTIONS,
  { name: 'extend', arg: 'no', key: 'e' },
  { name: 'verbose', arg: 'no', key: 'v' },
  { name: 'version', arg: 'no', key: 'V' },
  { name: 'numeric', arg: 'no', key: 'n' },
  { name: 'symbolic', arg: 'no', key: 'N' },
  { name: 'protocol', arg: 'required', key: 'A' },
  { name: 'cache', arg: 'no', key: 'C' },
  { name: 'fib', arg: 'no', key: 'F' },
  { name: 'help', arg: 'no', key: 'h' },
];

const FEATURES = `+NEW_ADDRT +RTF_IRTT +RTF_REJECT +I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW:  +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
`;

/** What its command line may hold. */
export const ROUTE_OPTIONS: GetoptTable = {
  letters: 'A:eCFhnN64Vv?',
  longs: LONGS,
  usage: ROUTE_USAGE,
};

/** What the options ask for. */
class RouteOptions {
  family: string | undefined;
  numeric = false;
  extended = 1;
  cache = false;
  help = false;

  take({ opt, arg }: OptionFound): void {
    if (opt === 'A') this.family = familyNamed(arg ?? '');
    else if (opt === '4' || opt === 'inet') this.family = 'inet';
    else if (opt === '6' || opt === 'inet6') this.family = 'inet6';
    else if (opt === 'n') this.numeric = true;
    else if (opt === 'e') this.extended++;
    else if (opt === 'C') this.cache = true;
    else if (opt === 'h' || opt === '?') this.help = true;
  }
}

/** route(8). net-tools 2.10 route.c */
export const route: Program = program(async (proc) => {
  // getopt would take these words of the command for options
  const words = proc.argv.slice(1).map((w) => w.replace(/^-(net|host)$/, '#$1'));
  const { options, operands, error } = getopt(words, ROUTE_OPTIONS.letters, ROUTE_OPTIONS.longs);
  const read = new RouteOptions();
  for (const option of options) read.take(option);
  if (options.some((o) => o.opt === 'V')) {
    await proc.out(`${RELEASE}\n${FEATURES}`);
    return 0;
  }
  if (error !== undefined) {
    await proc.err(`route: ${error}\n`);
    return usage(proc, ROUTE_USAGE);
  }
  if (read.help && read.family === undefined) return usage(proc, ROUTE_USAGE);
  if (read.help) return usage(proc, read.family === 'inet6' ? INET6_ROUTE_USAGE : INET_ROUTE_USAGE);
  return read.family === 'inet6' ? command6(proc, read, operands) : command(proc, read, operands);
});

async function command6(
  proc: Process,
  options: RouteOptions,
  [verb, ...args]: readonly string[],
): Promise<number> {
  switch (verb) {
    case undefined:
      return options.cache ? showCache6(proc) : showRoutes6(proc, options.numeric);
    case 'flush':
      throw usageError(INET6_ROUTE_USAGE, "Flushing `inet6' routing table not supported\n");
    case 'add':
    case 'del':
    case 'delete':
      break;
    default:
      throw usageError(ROUTE_USAGE);
  }
  if (options.cache)
    throw usageError(INET6_ROUTE_USAGE, "Modifying `inet6' routing cache not supported\n");
  if (args.length === 0) throw usageError(INET6_ROUTE_USAGE);
  return changeRoute6(proc, verb === 'add', args);
}

async function command(
  proc: Process,
  options: RouteOptions,
  [verb, ...args]: readonly string[],
): Promise<number> {
  if (verb === undefined && options.cache) {
    await proc.out(
      'Kernel IP routing cache\nSource          Destination     Gateway         Flags Metric Ref    Use Iface\n',
    );
    return 0;
  }
  switch (verb) {
    case undefined:
      return showRoutes(proc, options.extended, options.numeric);
    case 'flush':
      throw usageError(INET_ROUTE_USAGE, "Flushing `inet' routing table not supported\n");
    case 'add':
    case 'del':
    case 'delete':
      break;
    default:
      throw usageError(ROUTE_USAGE);
  }
  if (options.cache)
    throw usageError(INET_ROUTE_USAGE, "Modifying `inet' routing cache not supported\n");
  if (args.length === 0) return usage(proc, INET_ROUTE_USAGE);
  const change = new RouteChange(proc, verb === 'add');
  await change.read(args);
  return change.run();
}
