import { findProgram } from '../../machine/index.ts';
import type { Builtin, Shell } from '../shell.ts';

const KEYWORDS = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'for',
  'select',
  'while',
  'until',
  'do',
  'done',
  'in',
  'function',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
];

/** One thing that a name stands for. */
interface Meaning {
  readonly kind: 'alias' | 'keyword' | 'function' | 'builtin' | 'file';
  /** What `type` says. */
  readonly long: string;
  /** What `command -v` says. */
  readonly short: string;
}

function meanings(sh: Shell, name: string, all: boolean): Meaning[] {
  const out: Meaning[] = [];
  const alias = sh.aliases.get(name);
  if (alias !== undefined)
    out.push({
      kind: 'alias',
      long: `${name} is aliased to \`${alias}'`,
      short: `alias ${name}='${alias}'`,
    });
  if (KEYWORDS.includes(name))
    out.push({ kind: 'keyword', long: `${name} is a shell keyword`, short: name });
  const fn = sh.functions.get(name);
  if (fn !== undefined) {
    const text = fn.source.text.slice(fn.node.pos, fn.node.end);
    out.push({ kind: 'function', long: `${name} is a function\n${text}`, short: name });
  }
  if (sh.interpreter.builtins.has(name))
    out.push({ kind: 'builtin', long: `${name} is a shell builtin`, short: name });
  for (const path of files(sh, name, all)) {
    const hashed = sh.hash.get(name) === path;
    out.push({
      kind: 'file',
      long: hashed ? `${name} is hashed (${path})` : `${name} is ${path}`,
      short: path,
    });
  }
  return all ? out : out.slice(0, 1);
}

function files(sh: Shell, name: string, all: boolean): string[] {
  const { proc } = sh;
  if (name.includes('/')) return proc.fs.exists(proc.path(name)) ? [name] : [];
  const path = sh.vars.get('PATH');
  if (!all) {
    const found = findProgram(proc, name, path);
    return found === undefined ? [] : [found];
  }
  return (path ?? '').split(':').flatMap((dir) => findProgram(proc, name, dir) ?? []);
}

const type: Builtin = async (sh, args) => {
  const options = args.filter((a) => /^-[aftpP]+$/.test(a)).join('');
  let status = 0;
  for (const name of args.filter((a) => !/^-[aftpP]+$/.test(a))) {
    const found = meanings(sh, name, options.includes('a'));
    if (found.length === 0) {
      status = 1;
      if (!/[tpP]/.test(options)) await sh.complain(`type: ${name}: not found`);
    }
    for (const m of found) {
      if (options.includes('t')) await sh.proc.out(`${m.kind}\n`);
      else if (/[pP]/.test(options)) await sh.proc.out(m.kind === 'file' ? `${m.short}\n` : '');
      else await sh.proc.out(`${m.long}\n`);
    }
  }
  return status;
};

const command: Builtin = async (sh, args) => {
  let at = 0;
  let asked: string | undefined;
  for (; /^-[pvV]+$/.test(args[at] ?? ''); at++) {
    const m = /[vV]/.exec(args[at] as string);
    if (m !== null) asked = m[0];
  }
  if (args[at] === '--') at++;
  const words = args.slice(at);
  if (words.length === 0) return 0;
  if (asked === undefined) return runCommandWord(sh, words);
  let status = 1;
  for (const name of words) {
    const [m] = meanings(sh, name, false);
    if (m !== undefined) {
      status = 0;
      await sh.proc.out(`${asked === 'v' ? m.short : m.long}\n`);
    } else if (asked === 'V') await sh.complain(`command: ${name}: not found`);
  }
  return status;
};

/** Runs a builtin or a program, never a function. */
async function runCommandWord(sh: Shell, words: readonly string[]): Promise<number> {
  const builtin = sh.interpreter.builtins.get(words[0] as string);
  if (builtin !== undefined) return builtin(sh, words.slice(1));
  return sh.interpreter.runProgram(sh, words);
}

const builtinWord: Builtin = async (sh, args) => {
  const [name, ...rest] = args;
  if (name === undefined) return 0;
  const found = sh.interpreter.builtins.get(name);
  if (found !== undefined) return found(sh, rest);
  await sh.complain(`builtin: ${name}: not a shell builtin`);
  return 1;
};

const hash: Builtin = async (sh, args) => {
  if (args.includes('-r')) sh.hash.clear();
  let status = 0;
  for (const name of args.filter((a) => !a.startsWith('-'))) {
    const path = findProgram(sh.proc, name, sh.vars.get('PATH'));
    if (path !== undefined) sh.hash.set(name, path);
    else {
      await sh.complain(`hash: ${name}: not found`);
      status = 1;
    }
  }
  if (args.length > 0) return status;
  if (sh.hash.size === 0) await sh.proc.out('hash: hash table empty\n');
  else {
    const rows = [...sh.hash.values()].map((path) => `${'1'.padStart(4)}\t${path}\n`);
    await sh.proc.out(`hits\tcommand\n${rows.join('')}`);
  }
  return 0;
};

const alias: Builtin = async (sh, args) => {
  const show = (name: string) =>
    `alias ${name}='${(sh.aliases.get(name) ?? '').replaceAll("'", "'\\''")}'\n`;
  if (args.length === 0 || args[0] === '-p')
    for (const name of [...sh.aliases.keys()].sort()) await sh.proc.out(show(name));
  let status = 0;
  for (const arg of args.filter((a) => a !== '-p')) {
    const eq = arg.indexOf('=');
    if (eq > 0) sh.aliases.set(arg.slice(0, eq), arg.slice(eq + 1));
    else if (sh.aliases.has(arg)) await sh.proc.out(show(arg));
    else {
      await sh.complain(`alias: ${arg}: not found`);
      status = 1;
    }
  }
  return status;
};

const unalias: Builtin = async (sh, args) => {
  if (args.includes('-a')) sh.aliases.clear();
  let status = 0;
  for (const name of args.filter((a) => a !== '-a')) {
    if (sh.aliases.delete(name)) continue;
    await sh.complain(`unalias: ${name}: not found`);
    status = 1;
  }
  return status;
};

/** Builtins that tell what a name stands for. */
export const lookupBuiltins: Readonly<Record<string, Builtin>> = {
  type,
  command,
  builtin: builtinWord,
  hash,
  alias,
  unalias,
};
