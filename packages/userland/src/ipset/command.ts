/** The commands. lib/ipset.c, ipset_parser() */
import {
  type EntryOptions,
  IP_SET_TYPES,
  type IpSet,
  IpSetFault,
  type IpSets,
} from '@labwire/devices/netfilter';
import { type Manual, rowsOf } from '../machine/index.ts';
import { createRows, readCreate } from './create.ts';
import { parseElement, parseNumber } from './element.ts';
import { IpsetFailure, kernelFailure, parameterProblem, syntaxError } from './failure.ts';
import type { IpsetNames } from './names.ts';
import { type Asked, optionRows } from './options.ts';
import { listText, type Shown, saveText } from './print.ts';

/** What a command has to say. */
export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

const DONE: Outcome = { out: '', err: '', code: 0 };
const NAME_MAX = 31;
const MOST_SECONDS = 2_147_483;

const ALIASES: Readonly<Record<string, string>> = {
  create: 'create',
  '-N': 'create',
  n: 'create',
  new: 'create',
  add: 'add',
  '-A': 'add',
  del: 'del',
  delete: 'del',
  '-D': 'del',
  test: 'test',
  '-T': 'test',
  destroy: 'destroy',
  x: 'destroy',
  '-X': 'destroy',
  list: 'list',
  l: 'list',
  '-L': 'list',
  save: 'save',
  '-S': 'save',
  restore: 'restore',
  '-R': 'restore',
  flush: 'flush',
  '-F': 'flush',
  rename: 'rename',
  e: 'rename',
  '-E': 'rename',
  swap: 'swap',
  w: 'swap',
  '-W': 'swap',
  help: 'help',
  version: 'version',
};

/** The command that a word stands for. @throws IpsetFailure */
export function commandOf(word: string | undefined): string {
  if (word === undefined) throw parameterProblem('No command specified.');
  const command = ALIASES[word];
  if (command === undefined)
    throw parameterProblem(`No command specified: unknown argument ${word}`);
  return command;
}

/** Carries out commands on the sets of a namespace. */
export class Commands {
  readonly #sets: IpSets;
  readonly #names: IpsetNames;
  readonly #now: () => number;

  constructor(sets: IpSets, names: IpsetNames, now: () => number) {
    this.#sets = sets;
    this.#names = names;
    this.#now = now;
  }

  /** Does one command. @throws IpsetFailure */
  run(a: Asked): Outcome {
    const command = commandOf(a.words[0]);
    const args = a.words.slice(1);
    try {
      return this.#run(command, args, a);
    } catch (e) {
      if (!(e instanceof IpSetFault)) throw e;
      const type =
        command === 'create' ? (args[1] ?? '') : (this.#sets.find(args[0] ?? '')?.type.name ?? '');
      throw kernelFailure(e.error, command, type);
    }
  }

  #run(command: string, args: readonly string[], a: Asked): Outcome {
    switch (command) {
      case 'create':
        return this.#create(args, a.exist);
      case 'add':
        return this.#add(args, a.exist);
      case 'del':
        return this.#del(args, a.exist);
      case 'test':
        return this.#test(args, a.quiet);
      case 'list':
      case 'save':
        return this.#list(command, args, a);
      case 'rename':
      case 'swap':
        return this.#two(command, args);
      default:
        return this.#whole(command, args);
    }
  }

  #two(command: 'rename' | 'swap', args: readonly string[]): Outcome {
    const [name, other] = need(command, args, 2);
    if (command === 'rename') this.#sets.rename(name as string, setName(other as string));
    else this.#sets.swap(name as string, other as string);
    return DONE;
  }

  #whole(command: string, args: readonly string[]): Outcome {
    const [name, more] = args;
    if (more !== undefined) throw parameterProblem(`Unknown argument ${more}`);
    if (command === 'destroy') this.#sets.destroy(name);
    else this.#sets.flush(name);
    return DONE;
  }

  #create(args: readonly string[], exist: boolean): Outcome {
    const [name, type] = need('create', args, 2) as [string, string];
    this.#sets.create(setName(name), type, readCreate(type, args.slice(2)), exist);
    return DONE;
  }

  #element(
    command: string,
    args: readonly string[],
  ): { readonly set: IpSet; readonly text: string; readonly rest: readonly string[] } {
    const [name, text] = need(command, args, 2) as [string, string];
    return { set: this.#sets.get(name), text, rest: args.slice(2) };
  }

  #add(args: readonly string[], exist: boolean): Outcome {
    const { set, text, rest } = this.#element('add', args);
    const elements = parseElement(text, set, this.#names);
    const options = entryOptions(set, rest, exist);
    for (const parts of elements) this.#sets.add(set, parts, options);
    return DONE;
  }

  #del(args: readonly string[], exist: boolean): Outcome {
    const { set, text, rest } = this.#element('del', args);
    const elements = parseElement(text, set, this.#names);
    entryOptions(set, rest, exist);
    for (const parts of elements) this.#sets.del(set, parts, exist);
    return DONE;
  }

  #test(args: readonly string[], quiet: boolean): Outcome {
    const { set, text } = this.#element('test', args);
    const elements = parseElement(text, set, this.#names);
    const isIn = elements.every((parts) => this.#sets.test(set, parts));
    const name = set.name;
    if (isIn)
      return { out: '', err: quiet ? '' : `Warning: ${text} is in set ${name}.\n`, code: 0 };
    return { out: '', err: quiet ? '' : `${text} is NOT in set ${name}.\n`, code: 1 };
  }

  #list(command: 'list' | 'save', args: readonly string[], a: Asked): Outcome {
    const [name, more] = args;
    if (more !== undefined) throw parameterProblem(`Unknown argument ${more}`);
    const sets = name === undefined ? this.#sets.list() : [this.#sets.get(name)];
    const v: Shown = { sets: this.#sets, names: this.#names, now: this.#now(), sorted: a.sorted };
    if (a.nameOnly && command === 'list')
      return { ...DONE, out: sets.map((s) => `${s.name}\n`).join('') };
    const saves = command === 'save' || a.output === 'save';
    if (saves) return { ...DONE, out: sets.map((s) => saveText(s, v)).join('') };
    return { ...DONE, out: sets.map((s) => listText(s, v, a.terse)).join('\n') };
  }
}

const ORDINALS = ['', 'second '];

/** The words that a command cannot do without. @throws IpsetFailure */
function need(command: string, args: readonly string[], count: number): readonly string[] {
  for (let i = 0; i < count; i++)
    if (args[i] === undefined)
      throw parameterProblem(`Missing ${ORDINALS[i]}mandatory argument to command ${command}`);
  return args;
}

function setName(name: string): string {
  if (name.length > NAME_MAX)
    throw syntaxError(`setname '${name}' is longer than ${NAME_MAX} characters`);
  return name;
}

function without(what: string): IpsetFailure {
  const word = what.charAt(0).toUpperCase() + what.slice(1);
  return new IpsetFailure(
    `${word} cannot be used: set was created without ${what.toLowerCase()} support`,
    1,
  );
}

type Draft = { -readonly [K in keyof EntryOptions]: EntryOptions[K] };

/** What stands behind an element. @throws IpsetFailure */
function entryOptions(set: IpSet, words: readonly string[], exist: boolean): EntryOptions {
  const o: Draft = { exist };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const arg = (): string => {
      const next = words[++i];
      if (next === undefined)
        throw parameterProblem(`Missing mandatory argument of option \`${word}'`);
      return next;
    };
    if (!entryOption(set, word, arg, o)) throw parameterProblem(`Unknown argument: \`${word}'`);
  }
  return o;
}

/** One word that may stand behind an element. */
interface EntryOption {
  readonly arg?: string;
  /** Sets that it can stand for. */
  readonly fits?: (set: IpSet) => boolean;
  readonly take: (o: Draft, arg: () => string, set: IpSet) => void;
}

const counter = (field: 'packets' | 'bytes'): EntryOption => ({
  arg: 'NUMBER',
  take: (o, arg, set) => {
    o[field] = parseNumber(arg(), Number.MAX_SAFE_INTEGER);
    if (!set.options.counters)
      throw new IpsetFailure(
        'Packet/byte counters cannot be used: set was created without counter support',
        1,
      );
  },
});
const place = (where: 'before' | 'after'): EntryOption => ({
  arg: 'SETNAME',
  fits: (set) => set.type.name === 'list:set',
  take: (o, arg) => void (o.place = { where, name: arg() }),
});

const ENTRY_OPTIONS: Readonly<Record<string, EntryOption>> = {
  timeout: {
    arg: 'SECONDS',
    take: (o, arg, set) => {
      o.timeout = parseNumber(arg(), MOST_SECONDS);
      if (set.options.timeout === undefined) throw without('timeout');
    },
  },
  packets: counter('packets'),
  bytes: counter('bytes'),
  comment: {
    arg: 'TEXT',
    take: (o, arg, set) => {
      o.comment = arg();
      if (!set.options.comment) throw without('comment');
    },
  },
  nomatch: {
    fits: (set) => set.type.dims.includes('net'),
    take: (o) => void (o.nomatch = true),
  },
  before: place('before'),
  after: place('after'),
};

/** @returns whether there is such an option for the set */
function entryOption(set: IpSet, word: string, arg: () => string, o: Draft): boolean {
  const option = Object.hasOwn(ENTRY_OPTIONS, word) ? ENTRY_OPTIONS[word] : undefined;
  option?.take(o, arg, set);
  return option !== undefined && option.fits?.(set) !== false;
}

/** What ipset can be told. */
export function ipsetManual(): Manual {
  const commands = [...new Set(Object.values(ALIASES))].map((command) => ({
    names: Object.keys(ALIASES).filter((word) => ALIASES[word] === command),
  }));
  const entry = Object.entries(ENTRY_OPTIONS).map(([name, { arg }]) => ({
    names: [name],
    ...(arg === undefined ? {} : { arg }),
  }));
  return [
    { title: 'Options', rows: optionRows() },
    { title: 'Commands', rows: commands },
    { title: 'Types of sets', rows: rowsOf(IP_SET_TYPES) },
    { title: 'create, behind the type', rows: createRows() },
    { title: 'add, behind the element', rows: entry },
  ];
}
