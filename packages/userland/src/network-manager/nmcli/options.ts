import { type ManualRow, rowsOf } from '../../machine/index.ts';
import { Exit, NmcliError } from './cli-error.ts';

/** What stands before the object on nmcli's command line. */
export interface NmcliOptions {
  readonly terse: boolean;
  readonly pretty: boolean;
  /** Undefined: what the command does by itself. */
  readonly mode: 'tabular' | 'multiline' | undefined;
  readonly fields: string | undefined;
  readonly escape: boolean;
  /** Seconds to wait; undefined: the command's own. */
  readonly wait: number | undefined;
  readonly help: boolean;
  readonly version: boolean;
  readonly overview: boolean;
  /** Details one below the other: set by the command. */
  readonly multiline: boolean;
  /** Values alone, by -g. */
  readonly getValues: boolean;
}

interface Found {
  terse: boolean;
  pretty: boolean;
  mode: 'tabular' | 'multiline' | undefined;
  fields: string | undefined;
  escape: boolean;
  wait: number | undefined;
  help: boolean;
  version: boolean;
  overview: boolean;
  getValues: boolean;
}

/** Options with an argument, and those without, by their long names. */
const WITH: readonly string[] = ['colors', 'escape', 'fields', 'get-values', 'mode', 'wait'];
const WITHOUT: readonly string[] = [
  'ask',
  'complete-args',
  'help',
  'overview',
  'pretty',
  'show-secrets',
  'terse',
  'version',
];

/** The options for docs/programs; any beginning of one will do. */
export const optionRows = (): ManualRow[] => [
  ...rowsOf(WITHOUT.map((name) => `--${name}`)),
  ...rowsOf(
    WITH.map((name) => `--${name}`),
    { arg: 'VALUE' },
  ),
];

/** A long name by any beginning of it that is at least as long as its letter. */
function nameOf(word: string): string | undefined {
  const text = word.replace(/^--?/, '');
  return text === '' ? undefined : [...WITHOUT, ...WITH].find((name) => name.startsWith(text));
}

/** Reads the words before the object. @returns them, and the rest. @throws NmcliError */
export function readOptions(words: readonly string[]): [NmcliOptions, readonly string[]] {
  const found: Found = {
    terse: false,
    pretty: false,
    mode: undefined,
    fields: undefined,
    escape: true,
    wait: undefined,
    help: false,
    version: false,
    overview: false,
    getValues: false,
  };
  let at = 0;
  while (at < words.length && (words[at] as string).startsWith('-')) {
    const word = words[at++] as string;
    if (word === '--') break;
    const name = nameOf(word);
    if (name === undefined)
      throw new NmcliError(Exit.userInput, `Option '${word}' is unknown, try 'nmcli -help'.`);
    if (WITH.includes(name)) {
      const arg = words[at++];
      if (arg === undefined)
        throw new NmcliError(Exit.userInput, `missing argument for '${word}' option.`);
      readArgument(found, name, arg, word);
    } else readFlag(found, name);
  }
  if (found.terse && found.pretty)
    throw new NmcliError(Exit.userInput, "Option '--pretty' is mutually exclusive with '--terse'.");
  return [{ ...found, multiline: false }, words.slice(at)];
}

function readFlag(found: Found, name: string): void {
  if (name === 'terse') found.terse = true;
  if (name === 'pretty') found.pretty = true;
  if (name === 'help') found.help = true;
  if (name === 'version') found.version = true;
  if (name === 'overview') found.overview = true;
}

function readArgument(found: Found, name: string, arg: string, word: string): void {
  const bad = (what = word) =>
    new NmcliError(Exit.userInput, `'${arg}' is not a valid argument for '${what}' option.`);
  switch (name) {
    case 'mode':
      if ('tabular'.startsWith(arg)) found.mode = 'tabular';
      else if ('multiline'.startsWith(arg)) found.mode = 'multiline';
      else throw bad('--mode');
      return;
    case 'fields':
      found.fields = arg;
      return;
    case 'get-values':
      found.fields = arg;
      found.terse = true;
      found.mode = 'tabular';
      found.getValues = true;
      return;
    case 'escape':
      if (arg !== 'yes' && arg !== 'no') throw bad('--escape');
      found.escape = arg === 'yes';
      return;
    case 'wait':
      if (!/^\d+$/.test(arg))
        throw new NmcliError(Exit.userInput, `'${arg}' is not a valid timeout.`);
      found.wait = Number(arg);
      return;
    default:
      if (!['yes', 'no', 'auto'].includes(arg)) throw bad('--colors');
  }
}

/** The options with details shown below each other, or in a table, as the user or else the command has it. */
export function inMode(o: NmcliOptions, standard: 'tabular' | 'multiline'): NmcliOptions {
  return { ...o, multiline: (o.mode ?? standard) === 'multiline' };
}

/** The fields that -f asks for, in its order. @param message of what is wrong with an unknown one @throws NmcliError */
export function pickFields<F extends { readonly name: string }>(
  o: NmcliOptions,
  all: readonly F[],
  common: readonly string[],
  message: (bad: string) => string,
): readonly F[] {
  const { fields } = o;
  if (fields === undefined || fields.toLowerCase() === 'common')
    return all.filter((f) => common.includes(f.name));
  if (fields.toLowerCase() === 'all') return all;
  return fields.split(',').map((name) => {
    const found = all.find((f) => f.name.toLowerCase() === name.trim().toLowerCase());
    if (found === undefined) throw new NmcliError(Exit.userInput, message(name.trim()));
    return found;
  });
}
