import { COLOR_OPTION, type Context, type OptionRow } from '../context/index.ts';
import { switchNetns } from '../ip/index.ts';
import { type Args, Exit, invalidArgument } from '../parse/index.ts';
import { BRIDGE_USAGE } from './usage.ts';

/** Where the options leave the file that `-batch` names. */
export interface BatchFile {
  name: string | undefined;
}

function usage(): never {
  throw new Exit(255, BRIDGE_USAGE);
}

function value(args: Args): string {
  if (args.left <= 1) usage();
  args.skip();
  return args.word;
}

function family(ctx: Context, args: Args): void {
  const name = value(args);
  if (name === 'help') usage();
  if (name !== 'inet' && name !== 'inet6') throw invalidArgument('invalid protocol family', name);
  ctx.options.family = name;
}

function version(ctx: Context): void {
  ctx.output.out('bridge utility, 6.1.0\n');
  throw new Exit(0, '');
}

function set(
  name: string,
  change: (options: Context['options']) => void,
  exact = false,
): OptionRow {
  return { name, exact, run: (ctx) => change(ctx.options) };
}

/** The options of `bridge`, in the order in which an abbreviation is looked up. Source: iproute2 bridge/bridge.c, main(). */
export function bridgeOptions(batch: BatchFile): readonly OptionRow[] {
  const stats = (options: Context['options']) => {
    options.stats++;
  };
  return [
    { name: '-help', run: usage },
    { name: '-Version', run: version },
    set('-stats', stats),
    set('-statistics', stats),
    set('-details', (options) => {
      options.details++;
    }),
    set('-oneline', (options) => {
      options.oneline = true;
    }),
    // stamps are for `bridge monitor` alone
    set('-timestamp', () => {}),
    { name: '-family', arg: 'FAMILY', run: family },
    set(
      '-4',
      (options) => {
        options.family = 'inet';
      },
      true,
    ),
    set(
      '-6',
      (options) => {
        options.family = 'inet6';
      },
      true,
    ),
    { name: '-netns', arg: 'NAME', run: (ctx, args) => switchNetns(ctx, args.valueOrNull()) },
    COLOR_OPTION,
    set('-compressvlans', (options) => {
      options.compressVlans = true;
    }),
    set('-force', (options) => {
      options.force = true;
    }),
    set('-json', (options) => {
      options.json = true;
    }),
    set('-pretty', (options) => {
      options.pretty = true;
    }),
    {
      name: '-batch',
      arg: 'FILE',
      run: (_ctx, args) => {
        batch.name = value(args);
      },
    },
  ];
}
