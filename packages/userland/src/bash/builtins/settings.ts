import { quoteIfNeeded } from '../expand/index.ts';
import type { Builtin, Shell } from '../shell.ts';

/** `set -o` names with their letters; those without a letter go by name. Ones that Labwire does not act on are left out. */
const OPTIONS: Readonly<Record<string, string>> = {
  allexport: 'a',
  errexit: 'e',
  noclobber: 'C',
  noglob: 'f',
  nounset: 'u',
  pipefail: 'pipefail',
  xtrace: 'x',
};
/** Options that are on and stay on, or have no effect here; turning them the way they are is no error. */
const FIXED: Readonly<Record<string, string>> = {
  braceexpand: 'B',
  hashall: 'h',
  history: 'history',
  histexpand: 'H',
  monitor: 'm',
  notify: 'b',
  posix: 'posix',
  emacs: 'emacs',
  vi: 'vi',
  errtrace: 'E',
  functrace: 'T',
  verbose: 'v',
};
const SHOPTS = [
  'dotglob',
  'expand_aliases',
  'failglob',
  'globstar',
  'nocaseglob',
  'nocasematch',
  'nullglob',
  'xpg_echo',
  'extglob',
  'lastpipe',
  'checkwinsize',
  'inherit_errexit',
  'sourcepath',
];

function turn(sh: Shell, option: string, on: boolean): void {
  if (option === 'a') sh.vars.exportAll = on;
  if (on) sh.options.add(option);
  else sh.options.delete(option);
}

const set: Builtin = async (sh, args) => {
  if (args.length === 0) {
    for (const name of sh.vars.names()) {
      const value = sh.vars.get(name);
      if (value !== undefined) await sh.proc.out(`${name}=${quoteIfNeeded(value)}\n`);
    }
    return 0;
  }
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--' || arg === '-') {
      sh.positional = args.slice(at + 1);
      return 0;
    }
    if (!/^[-+]./.test(arg)) break;
    const takesName = arg.slice(1).includes('o');
    const name = takesName ? args[at + 1] : undefined;
    if (takesName && name !== undefined) at++;
    if (!(await setOne(sh, arg, name))) return 1;
  }
  if (at < args.length) sh.positional = args.slice(at);
  return 0;
};

async function setOne(sh: Shell, arg: string, name: string | undefined): Promise<boolean> {
  const on = arg.startsWith('-');
  for (const c of arg.slice(1)) {
    if (c === 'o') {
      if (!(await setNamed(sh, name, on))) return false;
    } else if (Object.values(OPTIONS).includes(c)) turn(sh, c, on);
    else if (!Object.values(FIXED).includes(c)) {
      await sh.complain(`set: ${arg[0]}${c}: invalid option`);
      await sh.proc.err(
        'set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n',
      );
      return false;
    }
  }
  return true;
}

async function setNamed(sh: Shell, name: string | undefined, on: boolean): Promise<boolean> {
  if (name === undefined) {
    for (const [option, letter] of Object.entries(OPTIONS))
      await sh.proc.out(`${option.padEnd(15)}\t${sh.options.has(letter) ? 'on' : 'off'}\n`);
    return true;
  }
  const letter = OPTIONS[name];
  if (letter !== undefined) turn(sh, letter, on);
  else if (FIXED[name] === undefined) {
    await sh.complain(`set: ${name}: invalid option name`);
    return false;
  }
  return true;
}

const shopt: Builtin = async (sh, args) => {
  const flags = args.filter((a) => /^-[suqpo]+$/.test(a)).join('');
  const names = args.filter((a) => !/^-[suqpo]+$/.test(a));
  let status = 0;
  for (const name of names.length > 0 ? names : SHOPTS) {
    if (!SHOPTS.includes(name)) {
      await sh.complain(`shopt: ${name}: invalid shell option name`);
      status = 1;
    } else if (flags.includes('s')) sh.shopts.add(name);
    else if (flags.includes('u')) sh.shopts.delete(name);
    else {
      if (!sh.shopts.has(name) && names.length > 0) status = 1;
      if (!flags.includes('q'))
        await sh.proc.out(`${name.padEnd(15)}\t${sh.shopts.has(name) ? 'on' : 'off'}\n`);
    }
  }
  return status;
};

const umask: Builtin = async (sh, args) => {
  const [text] = args.filter((a) => !a.startsWith('-'));
  if (text === undefined) {
    const mask = sh.proc.umask.toString(8).padStart(4, '0');
    await sh.proc.out(args.includes('-S') ? `${symbolic(sh.proc.umask)}\n` : `${mask}\n`);
    return 0;
  }
  if (!/^[0-7]+$/.test(text)) {
    await sh.complain(
      /^\d+$/.test(text)
        ? `umask: ${text}: octal number out of range`
        : `umask: ${text}: symbolic modes are not supported; give an octal number`,
    );
    return 1;
  }
  sh.proc.umask = Number.parseInt(text, 8) & 0o777;
  return 0;
};

function symbolic(mask: number): string {
  const part = (shift: number) =>
    ['r', 'w', 'x'].filter((_, i) => ((mask >> shift) & (4 >> i)) === 0).join('');
  return `u=${part(6)},g=${part(3)},o=${part(0)}`;
}

const ulimit: Builtin = async (sh, args) => {
  const limits: Readonly<Record<string, string>> = { n: '1024', u: '63477', s: '8192', c: '0' };
  const letter = /^-[SH]*([a-z])$/.exec(args[0] ?? '-f')?.[1] ?? 'f';
  if (args.length > 1) return 0;
  await sh.proc.out(`${limits[letter] ?? 'unlimited'}\n`);
  return 0;
};

const history: Builtin = async (sh, args) => {
  if (args[0] === '-c') {
    sh.history.length = 0;
    return 0;
  }
  const from = args[0] === undefined ? 0 : Math.max(0, sh.history.length - Number(args[0]));
  for (let i = from; i < sh.history.length; i++)
    await sh.proc.out(`${String(i + 1).padStart(5)}  ${sh.history[i]}\n`);
  return 0;
};

const times: Builtin = async (sh) => {
  await sh.proc.out('0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
  return 0;
};

/** Builtins for the shell's own settings. */
export const settingBuiltins: Readonly<Record<string, Builtin>> = {
  set,
  shopt,
  umask,
  ulimit,
  history,
  times,
};
