import type { Process } from '../../machine/index.ts';
import { NetplanError } from '../config/index.ts';
import { apply, generate } from './apply.ts';
import { get, info, set } from './config-commands.ts';
import { COMMAND_USAGE, COMMANDS, USAGE } from './usage.ts';

/** What the words of a command line are; words that netplan does not know it passes over. */
export interface Words {
  readonly plain: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

type Command = (proc: Process, words: Words) => Promise<number>;

const RUN: Readonly<Record<string, Command>> = { apply, generate, get, info, set };
/** Options that have a value. */
const VALUED = ['--root-dir', '--mapping', '--origin-hint', '--state'];
const LONGER = ['--sriov-only', '--only-ovs-cleanup', '--mapping', '--state'];

/** netplan(5): apply, generate, get, info, set. */
export async function netplan(proc: Process): Promise<number> {
  const [name, ...args] = proc.argv.slice(1).filter((word) => word !== '--debug');
  if (name === undefined) {
    await proc.err(`You need to specify a command\n${USAGE}`);
    return 64;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    await proc.out(USAGE);
    return 0;
  }
  if (!COMMANDS.includes(name)) {
    const choices = COMMANDS.map((c) => `'${c}'`).join(', ');
    await proc.err(
      `usage: /usr/sbin/netplan  [-h] [--debug]  ...\n/usr/sbin/netplan : error: argument : invalid choice: '${name}' (choose from ${choices})\n`,
    );
    return 2;
  }
  const usage = COMMAND_USAGE[name];
  if (usage !== undefined && (args.includes('--help') || args.includes('-h'))) {
    await proc.out(usage);
    return 0;
  }
  const command = RUN[name];
  if (command === undefined) return refuse(proc, `'netplan ${name}' is`);
  const words = readWords(args);
  const longer = LONGER.find((option) => words.options.has(option));
  if (longer !== undefined) return refuse(proc, `${longer} is`);
  try {
    return await command(proc, words);
  } catch (e) {
    if (!(e instanceof NetplanError)) throw e;
    await proc.err(`${e.message}\n`);
    return name === 'apply' ? 78 : 1;
  }
}

async function refuse(proc: Process, what: string): Promise<number> {
  await proc.err(
    `netplan: ${what} not supported by Labwire; apply, generate, get, info, set are\n`,
  );
  return 1;
}

function readWords(args: readonly string[]): Words {
  const plain: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (!word.startsWith('--')) {
      plain.push(word);
      continue;
    }
    const [name = '', value] = word.split(/=(.*)/s);
    if (value === undefined && VALUED.includes(name)) options.set(name, args[++i] ?? '');
    else options.set(name, value ?? '');
  }
  return { plain, options };
}
