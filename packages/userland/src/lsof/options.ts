import type { SockState } from '@labwire/devices/sock';
import type { GetoptTable } from '../libc-net/index.ts';
import { LsofError } from './lsof-error.ts';

/** Words of a list; those with `^` before them are not wanted. */
export interface Choice {
  readonly wanted: string[];
  readonly unwanted: string[];
}

/** What the command line of lsof asks for. */
export interface LsofOptions {
  and: boolean;
  /** What `-i` was given; '' for all. */
  readonly inet: string[];
  unix: boolean;
  numericHosts: boolean;
  numericPorts: boolean;
  numericUsers: boolean;
  terse: boolean;
  quiet: boolean;
  readonly pids: Choice;
  readonly users: Choice;
  readonly commands: Choice;
  readonly states: Choice;
}

/** TCP's states as lsof writes them. */
export const STATE_NAMES: Readonly<Record<SockState, string>> = {
  ESTAB: 'ESTABLISHED',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'TIME-WAIT': 'TIME_WAIT',
  UNCONN: 'CLOSE',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
};

/** Options that take the rest of the word or the next one. */
const WITH_ARGUMENT = 'pcus';
/** Options of lsof 4.95 that are not here. */
const REFUSED = '?bdDeEfFgGhkKLmMNoOrRSTvVxX';

/** Options without an argument. */
const FLAGS: Readonly<Record<string, (o: LsofOptions) => void>> = {
  a: (o) => void (o.and = true),
  U: (o) => void (o.unix = true),
  n: (o) => void (o.numericHosts = true),
  P: (o) => void (o.numericPorts = true),
  l: (o) => void (o.numericUsers = true),
  t: (o) => void (o.terse = true),
  Q: (o) => void (o.quiet = true),
  w: () => {},
};

/** What lsof can be told. */
export const LSOF_OPTIONS: GetoptTable = {
  letters: `${Object.keys(FLAGS).join('')}i::${[...WITH_ARGUMENT].map((c) => `${c}:`).join('')}${REFUSED}`,
  refused: REFUSED,
};

const choice = (): Choice => ({ wanted: [], unwanted: [] });

/** Reads the command line. @throws LsofError */
export function readLsofOptions(words: readonly string[]): LsofOptions {
  const o: LsofOptions = {
    and: false,
    inet: [],
    unix: false,
    numericHosts: false,
    numericPorts: false,
    numericUsers: false,
    terse: false,
    quiet: false,
    pids: choice(),
    users: choice(),
    commands: choice(),
    states: choice(),
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!/^[-+]./.test(word)) throw new LsofError(`${word}: names are not supported here`, false);
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      const takes = letter === 'i' || WITH_ARGUMENT.includes(letter);
      if (!takes || word.startsWith('+')) {
        flag(o, word[0] as string, letter);
        continue;
      }
      let value: string | undefined = word.slice(at + 1);
      if (value === '') value = /^[-+]/.test(words[i + 1] ?? '-') ? undefined : words[++i];
      argument(o, letter, value);
      break;
    }
  }
  return o;
}

function flag(o: LsofOptions, sign: string, letter: string): void {
  if (sign === '+') throw new LsofError(`+${letter}: not supported here`, false);
  const act = Object.hasOwn(FLAGS, letter) ? FLAGS[letter] : undefined;
  if (act !== undefined) act(o);
  else if (REFUSED.includes(letter)) throw new LsofError(`-${letter}: not supported here`, false);
  else throw new LsofError(`illegal option character: ${letter}`);
}

function argument(o: LsofOptions, letter: string, value: string | undefined): void {
  if (letter === 'i') o.inet.push(value ?? '');
  else if (value === undefined)
    throw new LsofError(`-${letter}: no argument is not supported here`, false);
  else if (letter === 's') states(o, value);
  else if (letter === 'c') add(o.commands, value);
  else for (const item of value.split(',')) add(letter === 'p' ? pid(o, item) : o.users, item);
  if (letter === 'c' && /^\^?\//.test(value ?? ''))
    throw new LsofError('-c /regular expression/: not supported here', false);
}

function pid(o: LsofOptions, item: string): Choice {
  if (!/^\^?\d+$/.test(item)) throw new LsofError(`illegal process ID: ${item}`);
  return o.pids;
}

function states(o: LsofOptions, value: string): void {
  const colon = value.indexOf(':');
  const protocol = colon < 0 ? value : value.slice(0, colon);
  if (!/^(tcp|udp)$/i.test(protocol)) throw new LsofError(`unknown -s protocol: "${protocol}"`);
  if (!/^tcp$/i.test(protocol)) throw new LsofError('-s UDP: not supported here; TCP is', false);
  for (const item of value.slice(colon + 1).split(',')) {
    const name = item.replace(/^\^/, '');
    if (!Object.values(STATE_NAMES).includes(name.toUpperCase()))
      throw new LsofError(`unknown TCP state name: ${name}`);
    add(o.states, item.toUpperCase());
  }
}

function add({ wanted, unwanted }: Choice, item: string): void {
  if (item.startsWith('^')) unwanted.push(item.slice(1));
  else wanted.push(item);
}
