import type { ManualSection } from '../../machine/index.ts';
import { Exit, matches } from '../parse/index.ts';
import type { Context } from './context.ts';

type Run = (ctx: Context, words: readonly string[]) => number | Promise<number>;

/** One command of an object. */
export interface Command {
  readonly name: string;
  readonly run: Run;
  /** Whether it may not be abbreviated. */
  readonly exact?: boolean;
  /** It is an error that says that it is not supported. */
  readonly refused?: boolean;
}

/** The commands of an object. */
export interface CommandSet {
  /** What messages call the object: `ip address`. */
  readonly name: string;
  /** In the order in which an abbreviation is looked up. */
  readonly commands: readonly Command[];
  /** What no command at all is. */
  readonly bare: Run;
  /** What `help` prints; absent: `help` is one of the commands. */
  readonly usage?: string;
  readonly helpStatus?: number;
  /** What is said of a command that is none. */
  readonly unknown?: (command: string) => Error;
}

/** Several names of one command. */
export function commands(names: string, run: Run): Command[] {
  return names.split(' ').map((name) => ({ name, run }));
}

/** Commands that are refused. */
export function refusedCommands(names: string, why: (name: string) => Error): Command[] {
  return names.split(' ').map((name) => ({
    name,
    refused: true,
    run: () => {
      throw why(name);
    },
  }));
}

/** Runs the command that the first word is or abbreviates. @throws Exit for `help`, and for one that is unknown */
export function runCommand(
  ctx: Context,
  set: CommandSet,
  words: readonly string[],
): number | Promise<number> {
  const [typed, ...rest] = words;
  if (typed === undefined) return set.bare(ctx, []);
  const found = set.commands.find(({ name, exact }) =>
    exact === true ? typed === name : matches(typed, name),
  );
  if (found !== undefined) return found.run(ctx, rest);
  if (set.usage !== undefined && matches(typed, 'help'))
    throw new Exit(set.helpStatus ?? 255, set.usage);
  throw (
    set.unknown?.(typed) ??
    new Exit(255, `Command "${typed}" is unknown, try "${set.name} help".\n`)
  );
}

/** The commands for docs/programs. */
export function commandSection({ name, commands: all, usage }: CommandSet): ManualSection {
  const rows = all.map((c) => ({
    names: [c.name],
    ...(c.refused === true ? { refused: true } : {}),
  }));
  return { title: name, rows: usage === undefined ? rows : [...rows, { names: ['help'] }] };
}
