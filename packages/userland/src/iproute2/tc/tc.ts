import type { Manual, Process } from '../../machine/index.ts';
import {
  COLOR_OPTION,
  type CommandSet,
  type Context,
  commandSection,
  commands,
  type OptionRow,
  optionRows,
  parseOptions,
  refusedCommands,
  runBatch,
  runCommand,
  runTool,
} from '../context/index.ts';
import { switchNetns } from '../ip/index.ts';
import { type Args, Exit, Failure, unsupported } from '../parse/index.ts';
import { classManual, tcClass } from './class-command.ts';
import { filterManual, tcFilter } from './filter-command.ts';
import { qdiscManual, tcQdisc } from './qdisc-command.ts';

const USAGE = `Usage:	tc [ OPTIONS ] OBJECT { COMMAND | help }
	tc [-force] -batch filename
where  OBJECT := { qdisc | class | filter | chain |
		    action | monitor | exec }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[aw] |
		    -o[neline] | -j[son] | -p[retty] | -c[olor]
		    -b[atch] [filename] | -n[etns] name | -N[umeric] |
		     -nm | -nam[es] | { -cf | -conf } path
		     -br[ief] }
`;
const SUPPORTED = 'qdisc, class, filter';

interface BatchFile {
  name: string | undefined;
}

function refuse(option: string): OptionRow {
  return {
    name: option,
    refused: true,
    run: () => {
      throw unsupported(`tc ${option}`, '-s, -d, -j, -p, -o, -n, -batch, -force, -iec, -color');
    },
  };
}

function set(name: string, change: (options: Context['options']) => void): OptionRow {
  return { name, run: (ctx) => change(ctx.options) };
}

/** The options of `tc`, in the order in which an abbreviation is looked up. Source: iproute2 tc/tc.c, main(). */
function options(batch: BatchFile): readonly OptionRow[] {
  const stats = (o: Context['options']) => {
    o.stats++;
  };
  return [
    set('-stats', stats),
    set('-statistics', stats),
    set('-details', (o) => {
      o.details++;
    }),
    refuse('-raw'),
    set('-pretty', (o) => {
      o.pretty = true;
    }),
    refuse('-graph'),
    {
      name: '-Version',
      run: (ctx) => {
        ctx.output.out('tc utility, iproute2-6.1.0, libbpf 1.1.0\n');
        throw new Exit(0, '');
      },
    },
    set('-iec', (o) => {
      o.iec = true;
    }),
    {
      name: '-help',
      run: () => {
        throw new Exit(0, USAGE);
      },
    },
    set('-force', (o) => {
      o.force = true;
    }),
    {
      name: '-batch',
      arg: 'FILE',
      run: (_ctx, args) => {
        if (args.left <= 1) throw new Exit(0, USAGE);
        args.skip();
        batch.name = args.word;
      },
    },
    { name: '-netns', arg: 'NAME', run: (ctx, args) => switchNetns(ctx, args.value()) },
    set('-Numeric', (o) => {
      o.numeric = true;
    }),
    refuse('-names'),
    refuse('-nm'),
    refuse('-cf'),
    refuse('-conf'),
    COLOR_OPTION,
    set('-timestamp', () => {}),
    set('-tshort', () => {}),
    set('-json', (o) => {
      o.json = true;
    }),
    set('-oneline', (o) => {
      o.oneline = true;
    }),
    refuse('-brief'),
  ];
}

function help(): never {
  throw new Exit(0, USAGE);
}

/** The objects, in the order in which an abbreviation is looked up. Source: tc/tc.c, do_cmd(). */
const OBJECTS: CommandSet = {
  name: 'tc',
  bare: help,
  commands: [
    ...commands('qdisc', tcQdisc),
    ...commands('class', tcClass),
    ...commands('filter', tcFilter),
    ...refusedCommands('chain actions monitor exec', (name) =>
      unsupported(`tc ${name}`, SUPPORTED),
    ),
    ...commands('help', help),
  ],
  unknown: (object) => new Failure(255, `Object "${object}" is unknown, try "tc help".\n`),
};

async function main(ctx: Context, args: Args): Promise<number> {
  const batch: BatchFile = { name: undefined };
  parseOptions(ctx, args, options(batch), 'tc -help');
  if (batch.name !== undefined)
    return runBatch(ctx, batch.name, async (words) => runCommand(ctx, OBJECTS, words));
  if (args.done) throw new Exit(0, USAGE);
  return runCommand(ctx, OBJECTS, args.rest());
}

/** What tc can be told. */
export const tcManual = (): Manual => [
  { title: 'Options', rows: optionRows(options({ name: undefined })) },
  { ...commandSection(OBJECTS), title: 'Objects' },
  ...qdiscManual(),
  ...classManual(),
  ...filterManual(),
];

/** tc(8) */
export function tc(proc: Process): Promise<number> {
  return runTool(proc, main);
}
