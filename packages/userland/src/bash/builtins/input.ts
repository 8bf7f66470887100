import { utf8Decode } from '@labwire/core/bytes';
import { POLLIN, SEC } from '@labwire/core/sim';
import { getopt } from '../../libc-net/index.ts';
import { arrayKey } from '../expand/index.ts';
import type { Builtin, Shell } from '../shell.ts';

/** How `read` was asked to read. */
interface ReadPlan {
  readonly raw: boolean;
  readonly delimiter: number;
  readonly limit: number | undefined;
  /** Nanos from now. */
  readonly timeout: number | undefined;
  readonly fd: number;
}

/** What `read` got: its text, which characters were escaped, and whether the delimiter came. */
interface ReadLine {
  readonly text: string;
  readonly complete: boolean;
  readonly timedOut: boolean;
}

async function readLine(sh: Shell, plan: ReadPlan): Promise<ReadLine> {
  const file = sh.proc.file(plan.fd);
  const bytes: number[] = [];
  const end = plan.timeout === undefined ? undefined : sh.proc.now + plan.timeout;
  let escaped = false;
  sh.proc.noteProgress();
  for (;;) {
    if (plan.limit !== undefined && bytes.length >= plan.limit) return done(bytes, true);
    const data = file.read(1);
    if (data === undefined) {
      const left = end === undefined ? undefined : Math.max(0, end - sh.proc.now);
      const ready = await sh.proc.poll([{ on: file, events: POLLIN }], left, 'a line to read');
      if (!ready) return { ...done(bytes, false), timedOut: true };
      continue;
    }
    const byte = data[0];
    if (byte === undefined) return done(bytes, false);
    if (!plan.raw && !escaped && byte === 92) escaped = true;
    else if (escaped) {
      if (byte !== 10) bytes.push(byte);
      escaped = false;
    } else if (byte === plan.delimiter) return done(bytes, true);
    else bytes.push(byte);
  }
}

function done(bytes: readonly number[], complete: boolean): ReadLine {
  return { text: utf8Decode(Uint8Array.from(bytes)), complete, timedOut: false };
}

/** Splits a line among variables: the last gets the rest. */
function splitLine(text: string, ifs: string, names: number): string[] {
  const isSpace = (c: string) => ' \t\n'.includes(c) && ifs.includes(c);
  let i = 0;
  const skip = () => {
    while (i < text.length && isSpace(text[i] as string)) i++;
  };
  const words: string[] = [];
  skip();
  while (words.length < names - 1 && i < text.length) {
    const start = i;
    while (i < text.length && !ifs.includes(text[i] as string)) i++;
    words.push(text.slice(start, i));
    skip();
    if (i < text.length && ifs.includes(text[i] as string)) i++;
    skip();
  }
  let rest = text.slice(i);
  while (rest !== '' && isSpace(rest.at(-1) as string)) rest = rest.slice(0, -1);
  if (names !== Infinity || rest !== '') words.push(rest);
  return words;
}

const read: Builtin = async (sh, args) => {
  const { options, operands, error } = getopt(args, '+a:d:ersp:n:N:t:u:i:');
  if (error !== undefined) {
    await sh.complain(`read: ${error.replace(/^invalid option -- '(.)'$/, '-$1: invalid option')}`);
    await sh.proc.err(
      'read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]\n',
    );
    return 2;
  }
  const value = (o: string) => options.filter((f) => f.opt === o).at(-1)?.arg;
  const has = (o: string) => options.some((f) => f.opt === o);
  const limit = value('n') ?? value('N');
  const seconds = value('t');
  const plan: ReadPlan = {
    raw: has('r'),
    delimiter: (value('d') ?? '\n').charCodeAt(0) || 0,
    limit: limit === undefined ? undefined : Number(limit),
    timeout: seconds === undefined ? undefined : Number(seconds) * SEC,
    fd: Number(value('u') ?? 0),
  };
  const prompt = value('p');
  if (prompt !== undefined && sh.proc.isTty(plan.fd)) await sh.proc.err(prompt);
  const line = await readLine(sh, plan);
  assignRead(sh, line.text, value('a'), operands);
  return line.timedOut ? 142 : line.complete ? 0 : 1;
};

function assignRead(
  sh: Shell,
  text: string,
  array: string | undefined,
  names: readonly string[],
): void {
  const ifs = sh.vars.get('IFS') ?? ' \t\n';
  if (array !== undefined) {
    const words = splitLine(text, ifs, Infinity);
    sh.vars.setArray(
      array,
      words.map((w, i) => [String(i), w]),
    );
    return;
  }
  if (names.length === 0) {
    sh.vars.set('REPLY', text);
    return;
  }
  const words = splitLine(text, ifs, names.length);
  names.forEach((name, i) => {
    const m = /^(\w+)\[(.*)\]$/.exec(name);
    if (m === null) sh.vars.set(name, words[i] ?? '');
    else
      sh.vars.setElement(
        m[1] as string,
        arrayKey(sh, m[1] as string, m[2] as string),
        words[i] ?? '',
      );
  });
}

const mapfile: Builtin = async (sh, args) => {
  const strip = args.includes('-t');
  const name = args.filter((a) => !a.startsWith('-')).at(-1) ?? 'MAPFILE';
  const lines: [string, string][] = [];
  for (;;) {
    const line = await readLine(sh, {
      raw: true,
      delimiter: 10,
      limit: undefined,
      timeout: undefined,
      fd: 0,
    });
    if (!line.complete && line.text === '') break;
    lines.push([String(lines.length), line.text + (strip || !line.complete ? '' : '\n')]);
    if (!line.complete) break;
  }
  sh.vars.setArray(name, lines);
  return 0;
};

/** Advances through options: getopts. */
const getopts: Builtin = async (sh, args) => {
  const [spec, name, ...given] = args;
  if (spec === undefined || name === undefined) {
    await sh.proc.err('getopts: usage: getopts optstring name [arg ...]\n');
    return 2;
  }
  const words = args.length > 2 ? given : sh.positional;
  return nextOption(sh, spec, name, words);
};

async function nextOption(
  sh: Shell,
  spec: string,
  name: string,
  words: readonly string[],
): Promise<number> {
  let index = Number(sh.vars.get('OPTIND') ?? 1);
  const word = words[index - 1];
  const silent = spec.startsWith(':');
  const finish = (value: string, next: number): void => {
    sh.vars.set(name, value);
    sh.vars.set('OPTIND', String(next));
  };
  if (word === undefined || !/^-./.test(word) || word === '--') {
    finish('?', word === '--' ? index + 1 : index);
    return 1;
  }
  const letter = word[sh.getoptsAt] as string;
  const isLast = ++sh.getoptsAt >= word.length;
  const rest = word.slice(sh.getoptsAt);
  if (isLast) {
    sh.getoptsAt = 1;
    index++;
  }
  const at = letter === ':' ? -1 : spec.indexOf(letter);
  sh.vars.unset('OPTARG');
  if (at < 0) {
    if (silent) sh.vars.set('OPTARG', letter);
    else await sh.proc.err(`${sh.name}: illegal option -- ${letter}\n`);
    finish('?', index);
    return 0;
  }
  if (spec[at + 1] !== ':') {
    finish(letter, index);
    return 0;
  }
  sh.getoptsAt = 1;
  const arg = isLast ? words[index - 1] : rest;
  if (arg === undefined) {
    if (silent) sh.vars.set('OPTARG', letter);
    else await sh.proc.err(`${sh.name}: option requires an argument -- ${letter}\n`);
    finish(silent ? ':' : '?', index);
    return 0;
  }
  sh.vars.set('OPTARG', arg);
  finish(letter, index + 1);
  return 0;
}

/** Builtins that read. */
export const inputBuiltins: Readonly<Record<string, Builtin>> = {
  read,
  mapfile,
  readarray: mapfile,
  getopts,
};
