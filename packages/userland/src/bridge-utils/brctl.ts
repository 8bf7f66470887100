import { type GetoptTable, getopt, getoptRows } from '../libc-net/index.ts';
import { type Manual, type Process, type Program, withManual } from '../machine/index.ts';
import {
  addBridge,
  addPorts,
  deleteBridge,
  deletePorts,
  hairpin,
  setBridgePriority,
  setPort,
  setTime,
  stp,
} from './change.ts';
import { show, showMacs, showStp } from './show.ts';

const VERSION = 'bridge-utils, 1.7\n';

/** One command: how many arguments it needs at least, what it does with them, and what the usage says of it. */
interface Command {
  readonly args: number;
  readonly run: (proc: Process, args: readonly string[]) => Promise<number>;
  readonly help: string;
}

/** The commands in the usage's order. Source: bridge-utils brctl/brctl_cmd.c, `commands`. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['addbr', { args: 1, run: addBridge, help: '<bridge>\t\tadd bridge' }],
  ['delbr', { args: 1, run: deleteBridge, help: '<bridge>\t\tdelete bridge' }],
  ['addif', { args: 2, run: addPorts, help: '<bridge> <device>\tadd interface to bridge' }],
  ['delif', { args: 2, run: deletePorts, help: '<bridge> <device>\tdelete interface from bridge' }],
  ['hairpin', { args: 3, run: hairpin, help: '<bridge> <port> {on|off}\tturn hairpin on/off' }],
  [
    'setageing',
    {
      args: 2,
      run: setTime('ageing_time', 'ageing time'),
      help: '<bridge> <time>\t\tset ageing time',
    },
  ],
  [
    'setbridgeprio',
    { args: 2, run: setBridgePriority, help: '<bridge> <prio>\t\tset bridge priority' },
  ],
  [
    'setfd',
    {
      args: 2,
      run: setTime('forward_delay', 'forward delay'),
      help: '<bridge> <time>\t\tset bridge forward delay',
    },
  ],
  [
    'sethello',
    {
      args: 2,
      run: setTime('hello_time', 'hello timer'),
      help: '<bridge> <time>\t\tset hello time',
    },
  ],
  [
    'setmaxage',
    { args: 2, run: setTime('max_age', 'max age'), help: '<bridge> <time>\t\tset max message age' },
  ],
  [
    'setpathcost',
    {
      args: 3,
      run: setPort('cost', 'path cost', 'path cost'),
      help: '<bridge> <port> <cost>\tset path cost',
    },
  ],
  [
    'setportprio',
    {
      args: 3,
      run: setPort('priority', 'path priority', 'port priority'),
      help: '<bridge> <port> <prio>\tset port priority',
    },
  ],
  ['show', { args: 0, run: show, help: '[ <bridge> ]\t\tshow a list of bridges' }],
  ['showmacs', { args: 1, run: showMacs, help: '<bridge>\t\tshow a list of mac addrs' }],
  ['showstp', { args: 1, run: showStp, help: '<bridge>\t\tshow bridge stp info' }],
  ['stp', { args: 2, run: stp, help: '<bridge> {on|off}\tturn stp on/off' }],
]);

const USAGE = `Usage: brctl [commands]\ncommands:\n${[...COMMANDS]
  .map(([name, { help }]) => `\t${name.padEnd(10)}\t${help}\n`)
  .join('')}`;

const OPTIONS: GetoptTable = {
  letters: 'Vh',
  longs: [
    { name: 'help', arg: 'no', key: 'h' },
    { name: 'version', arg: 'no', key: 'V' },
  ],
};

function manual(): Manual {
  const rows = [...COMMANDS].map(([name, { help }]) => {
    const [arg = '', meaning = ''] = help.split(/\t+/);
    return { names: [name], ...(arg === '' ? {} : { arg }), meaning };
  });
  return [
    { title: 'Options', rows: getoptRows(OPTIONS) },
    { title: 'Commands', rows },
  ];
}

async function run(proc: Process): Promise<number> {
  const { options, operands, error } = getopt(proc.argv.slice(1), OPTIONS.letters, OPTIONS.longs);
  const first = options[0]?.opt;
  if (first === 'h') return usage(proc, 0);
  if (first === 'V') {
    await proc.out(VERSION);
    return 0;
  }
  if (error !== undefined) {
    await proc.err(`brctl: ${error}\nUnknown option '?'\n`);
    return usage(proc, 1);
  }
  return command(proc, operands);
}

/** brctl(8). Source: bridge-utils brctl/brctl.c, main(). */
export const brctl: Program = withManual(run, manual);

async function command(proc: Process, [name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) return usage(proc, 1);
  const found = COMMANDS.get(name);
  if (found === undefined) {
    await proc.err(`never heard of command [${name}]\n`);
    return usage(proc, 1);
  }
  if (args.length < found.args) {
    await proc.out('Incorrect number of arguments for command\n');
    await proc.out(`Usage: brctl ${name} ${found.help}\n`);
    return 1;
  }
  return found.run(proc, args);
}

async function usage(proc: Process, status: number): Promise<number> {
  await proc.out(USAGE);
  return status;
}
