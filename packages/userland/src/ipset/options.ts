/** The command line: options may stand anywhere. lib/ipset.c, ipset_parse_argv() */
import type { ManualRow } from '../machine/index.ts';
import { parameterProblem } from './failure.ts';

/** What was asked for. */
export interface Asked {
  exist: boolean;
  output: 'plain' | 'save' | undefined;
  quiet: boolean;
  sorted: boolean;
  nameOnly: boolean;
  terse: boolean;
  file: string | undefined;
  version: boolean;
  help: boolean;
  readonly words: string[];
}

const FLAGS: Readonly<Record<string, keyof Asked>> = {
  '-exist': 'exist',
  '--exist': 'exist',
  '-!': 'exist',
  '-q': 'quiet',
  '-quiet': 'quiet',
  '--quiet': 'quiet',
  '-s': 'sorted',
  '-sorted': 'sorted',
  '--sorted': 'sorted',
  '-n': 'nameOnly',
  '-name': 'nameOnly',
  '--name': 'nameOnly',
  '-t': 'terse',
  '-terse': 'terse',
  '--terse': 'terse',
  '-v': 'version',
  '-V': 'version',
  '--version': 'version',
  '-h': 'help',
  '--help': 'help',
};

const OUTPUT: readonly string[] = ['-o', '-output', '--output'];
const FILE: readonly string[] = ['-f', '-file', '--file'];
const RESOLVE: readonly string[] = ['-r', '-resolve', '--resolve'];

/** The options as rows, all spellings of one together. */
export function optionRows(): ManualRow[] {
  const flags = [...new Set(Object.values(FLAGS))].map((field) => ({
    names: Object.keys(FLAGS).filter((word) => FLAGS[word] === field),
  }));
  return [
    ...flags,
    { names: OUTPUT, arg: 'plain|save' },
    { names: FILE, arg: 'FILE' },
    { names: RESOLVE, refused: true },
  ];
}

/** Splits options from words. @throws IpsetFailure */
export function readAsked(args: readonly string[]): Asked {
  const a: Asked = {
    exist: false,
    output: undefined,
    quiet: false,
    sorted: false,
    nameOnly: false,
    terse: false,
    file: undefined,
    version: false,
    help: false,
    words: [],
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    const flag = FLAGS[word];
    if (flag !== undefined) (a as unknown as Record<string, boolean>)[flag] = true;
    else if (OUTPUT.includes(word)) a.output = outputOf(args[++i]);
    else if (FILE.includes(word)) a.file = args[++i];
    else if (RESOLVE.includes(word))
      throw parameterProblem("Labwire's ipset does not look names up (-resolve)");
    else a.words.push(word);
  }
  return a;
}

function outputOf(word: string | undefined): Asked['output'] {
  if (word === undefined) throw parameterProblem('Missing mandatory argument to option -o');
  if (word === 'plain' || word === 'save') return word;
  if (word === 'xml' || word === 'json')
    throw parameterProblem(`Labwire's ipset prints plain and save, not ${word}`);
  throw parameterProblem(`unknown output mode '${word}'`);
}
