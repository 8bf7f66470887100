/** The command line. src/main.c */
import { getoptRows } from '../../libc-net/index.ts';
import { type Manual, rowsOf } from '../../machine/index.ts';
import { KEYWORDS, SCOPED_KEYWORDS, SIGN_WORDS } from '../lex/keywords.ts';
import { USAGE } from '../usage.ts';

/** What was asked for. */
export interface Options {
  help: boolean;
  version: 'short' | 'long' | undefined;
  check: boolean;
  /** Joins the rules of a file, where that can be done; of commands none. */
  optimize: boolean;
  file: string | undefined;
  json: boolean;
  echo: boolean;
  interactive: boolean;
  handles: boolean;
  stateless: boolean;
  terse: boolean;
  services: boolean;
  guid: boolean;
  numeric: boolean;
  numericPriority: boolean;
  numericProtocol: boolean;
  numericTime: boolean;
  includes: string[];
  defines: string[];
  words: string[];
  /** What is wrong, or not there in Labwire. */
  problem?: string;
}

const LONG: Readonly<Record<string, string>> = {
  help: 'h',
  version: 'v',
  file: 'f',
  define: 'D',
  interactive: 'i',
  includepath: 'I',
  check: 'c',
  optimize: 'o',
  handle: 'a',
  stateless: 's',
  terse: 't',
  service: 'S',
  reversedns: 'N',
  guid: 'u',
  numeric: 'n',
  'numeric-priority': 'y',
  'numeric-protocol': 'p',
  'numeric-time': 'T',
  echo: 'e',
  json: 'j',
  debug: 'd',
};

const WITH_ARG = 'fDId';
const KNOWN = `hvVcoastSNunypTeji${WITH_ARG}`;

/** What Labwire has not, and what to do instead. */
const PROBLEMS: Readonly<Record<string, string>> = {
  N: 'Labwire does not look addresses up for nft (-N)',
};

const NO_JOINING = 'Labwire does not join rules of files for nft (-o -f)';

/** What nft can be told, and the words of its language. */
export const nftManual = (): Manual => {
  const letters = [...KNOWN].map((c) => (WITH_ARG.includes(c) ? `${c}:` : c)).join('');
  const longs = Object.entries(LONG).map(([name, key]) => ({
    name,
    key,
    arg: WITH_ARG.includes(key) ? ('required' as const) : ('no' as const),
  }));
  const refused = Object.keys(PROBLEMS);
  return [
    { title: 'Options', rows: getoptRows({ letters, longs, usage: USAGE, refused }) },
    { title: 'Words of the language', rows: rowsOf(KEYWORDS) },
    { title: 'Words for signs', rows: rowsOf(Object.keys(SIGN_WORDS)) },
    ...Object.entries(SCOPED_KEYWORDS).map(([scope, words]) => ({
      title: `Words within ${scope}`,
      rows: rowsOf(words),
    })),
  ];
};

function emptyOptions(): Options {
  return {
    help: false,
    version: undefined,
    check: false,
    optimize: false,
    file: undefined,
    json: false,
    echo: false,
    interactive: false,
    handles: false,
    stateless: false,
    terse: false,
    services: false,
    guid: false,
    numeric: false,
    numericPriority: false,
    numericProtocol: false,
    numericTime: false,
    includes: [],
    defines: [],
    words: [],
  };
}

function apply(o: Options, letter: string, arg: string): void {
  switch (letter) {
    case 'h':
      o.help = true;
      break;
    case 'v':
      o.version = 'short';
      break;
    case 'V':
      o.version = 'long';
      break;
    case 'f':
      o.file = arg;
      break;
    case 'D':
      o.defines.push(arg);
      break;
    case 'I':
      o.includes.push(arg);
      break;
    case 'i':
      o.interactive = true;
      break;
    case 'd':
      o.problem = debugProblem(arg);
      break;
    default:
      if (PROBLEMS[letter] === undefined) applyFlag(o, letter);
      else o.problem = PROBLEMS[letter];
  }
}

const DEBUG_LEVELS = 'scanner parser eval netlink mnl proto-ctx segtree all'.split(' ');

/** What is wrong with levels of debugging, of which none is there. */
function debugProblem(levels: string): string {
  const unknown = levels.split(',').find((l) => !DEBUG_LEVELS.includes(l));
  return unknown === undefined
    ? 'Labwire has no nft debugging (-d)'
    : `invalid debug parameter \`${unknown}'`;
}

function applyFlag(o: Options, letter: string): void {
  const flags: Readonly<Record<string, keyof Options>> = {
    c: 'check',
    o: 'optimize',
    a: 'handles',
    s: 'stateless',
    t: 'terse',
    S: 'services',
    u: 'guid',
    n: 'numeric',
    y: 'numericPriority',
    p: 'numericProtocol',
    T: 'numericTime',
    j: 'json',
    e: 'echo',
  };
  const key = flags[letter];
  if (key !== undefined) (o as unknown as Record<string, boolean>)[key] = true;
}

/** Reads the words of a command line: options first, then the command. */
export function readOptions(args: readonly string[]): Options {
  const o = emptyOptions();
  let i = 0;
  for (; i < args.length && o.problem === undefined; i++) {
    const word = args[i] as string;
    if (word === '--') {
      i++;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    i += word.startsWith('--') ? readLong(o, word, args[i + 1]) : readShort(o, word, args[i + 1]);
  }
  o.words = args.slice(i);
  if (o.optimize && o.file !== undefined) o.problem ??= NO_JOINING;
  return o;
}

/** @returns how many further words it took */
function readLong(o: Options, word: string, next: string | undefined): number {
  const [name = '', value] = word.slice(2).split(/=(.*)/s);
  const full = Object.keys(LONG).filter((k) => k.startsWith(name));
  const letter = LONG[name] ?? (full.length === 1 ? LONG[full[0] as string] : undefined);
  if (letter === undefined) {
    o.problem = `nft: unrecognized option '${word}'`;
    return 0;
  }
  if (!WITH_ARG.includes(letter)) {
    apply(o, letter, '');
    return 0;
  }
  if (value === undefined && next === undefined)
    o.problem = `nft: option '${word}' requires an argument`;
  apply(o, letter, value ?? next ?? '');
  return value === undefined ? 1 : 0;
}

/** @returns how many further words it took */
function readShort(o: Options, word: string, next: string | undefined): number {
  for (let k = 1; k < word.length; k++) {
    const letter = word[k] as string;
    if (!KNOWN.includes(letter)) {
      o.problem = `nft: invalid option -- '${letter}'`;
      return 0;
    }
    if (!WITH_ARG.includes(letter)) {
      apply(o, letter, '');
      continue;
    }
    const rest = word.slice(k + 1);
    if (rest === '' && next === undefined)
      o.problem = `nft: option requires an argument -- '${letter}'`;
    apply(o, letter, rest === '' ? (next ?? '') : rest);
    return rest === '' ? 1 : 0;
  }
  return 0;
}
