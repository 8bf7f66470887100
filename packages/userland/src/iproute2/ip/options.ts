import { COLOR_OPTION, type Context, type OptionRow } from '../context/index.ts';
import {
  type AnyFamily,
  type Args,
  atoi,
  Exit,
  invalidArgument,
  parseFamily,
  parseUnsigned,
  unsupported,
} from '../parse/index.ts';
import { switchNetns } from './netns/index.ts';
import { IP_USAGE } from './usage.ts';

/** The value of an option; the usage if there is none. */
function optionValue(args: Args): string {
  if (args.left <= 1) throw new Exit(255, IP_USAGE);
  args.skip();
  return args.word;
}

function familyOption(name: string, family: AnyFamily): OptionRow {
  return {
    name,
    exact: true,
    run: (ctx) => {
      ctx.options.family = family;
    },
  };
}

function flagOption(
  name: string,
  flag: 'oneline' | 'brief' | 'json' | 'pretty' | 'human' | 'iec' | 'numeric' | 'force' | 'all',
): OptionRow {
  return {
    name,
    run: (ctx) => {
      ctx.options[flag] = true;
    },
  };
}

/** Stamps are for `ip monitor` alone. */
function timestampOption(name: string, how: 'long' | 'short'): OptionRow {
  return {
    name,
    run: (ctx) => {
      ctx.options.timestamp = how;
    },
  };
}

function countOption(name: string, count: 'stats' | 'details'): OptionRow {
  return {
    name,
    run: (ctx) => {
      ctx.options[count]++;
    },
  };
}

function namedFamily(ctx: Context, args: Args): void {
  const name = optionValue(args);
  if (name === 'help') throw new Exit(255, IP_USAGE);
  const family = parseFamily(name);
  if (family === undefined) throw invalidArgument('invalid protocol family', name);
  ctx.options.family = family;
}

function rcvbuf(args: Args): void {
  const size = optionValue(args);
  if (parseUnsigned(size) === undefined) throw new Exit(255, `Invalid rcvbuf size '${size}'\n`);
}

function version(ctx: Context): void {
  ctx.output.out('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
  throw new Exit(0, '');
}

/** Where {@link IP_OPTIONS} leave the file that `-batch` names. */
export interface BatchFile {
  name: string | undefined;
}

/** The options of `ip`, in the order in which an abbreviation is looked up. Source: iproute2 ip/ip.c, main(). */
export function ipOptions(batch: BatchFile): readonly OptionRow[] {
  return [
    {
      name: '-loops',
      arg: 'NUMBER',
      run: (ctx, args) => {
        ctx.options.loops = atoi(optionValue(args));
      },
    },
    { name: '-family', arg: 'FAMILY', run: namedFamily },
    familyOption('-4', 'inet'),
    familyOption('-6', 'inet6'),
    familyOption('-0', 'link'),
    familyOption('-M', 'mpls'),
    familyOption('-B', 'bridge'),
    flagOption('-human', 'human'),
    flagOption('-human-readable', 'human'),
    flagOption('-iec', 'iec'),
    countOption('-stats', 'stats'),
    countOption('-statistics', 'stats'),
    countOption('-details', 'details'),
    {
      name: '-resolve',
      refused: true,
      run: () => {
        throw unsupported('Option "-resolve" of ip', 'addresses in numbers');
      },
    },
    flagOption('-oneline', 'oneline'),
    timestampOption('-timestamp', 'long'),
    timestampOption('-tshort', 'short'),
    { name: '-Version', run: version },
    flagOption('-force', 'force'),
    {
      name: '-batch',
      arg: 'FILE',
      run: (_ctx, args) => {
        batch.name = optionValue(args);
      },
    },
    flagOption('-brief', 'brief'),
    flagOption('-json', 'json'),
    flagOption('-pretty', 'pretty'),
    { name: '-rcvbuf', arg: 'BYTES', run: (_ctx, args) => rcvbuf(args) },
    COLOR_OPTION,
    {
      name: '-help',
      run: () => {
        throw new Exit(255, IP_USAGE);
      },
    },
    { name: '-netns', arg: 'NAME', run: (ctx, args) => switchNetns(ctx, args.valueOrNull()) },
    flagOption('-Numeric', 'numeric'),
    flagOption('-all', 'all'),
    {
      name: '-echo',
      refused: true,
      exact: true,
      run: () => {
        throw unsupported('Option "-echo" of ip', 'a show command after the change');
      },
    },
  ];
}
