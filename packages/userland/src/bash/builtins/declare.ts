import { arrayKey, quoteAlways } from '../expand/index.ts';
import { assign } from '../run/assignment.ts';
import type { Builtin, Shell } from '../shell.ts';
import type { Variable } from '../variables.ts';

const NAME = /^[A-Za-z_]\w*$/;

/** `NAME`, `NAME=VALUE`, `NAME+=VALUE` or `NAME[KEY]=VALUE`. */
function splitAssignment(arg: string): {
  name: string;
  key?: string;
  append: boolean;
  value?: string;
} {
  const m = /^([^=[+]+)(?:\[(.*?)\])?(\+?)=(.*)$/s.exec(arg);
  if (m === null) return { name: arg, append: false };
  const [, name = '', key, plus, value = ''] = m;
  return { name, append: plus === '+', value, ...(key === undefined ? {} : { key }) };
}

/** Carries out one argument of a declaration. @returns false after a complaint */
async function declareOne(
  sh: Shell,
  builtin: string,
  arg: string,
  local: boolean,
  mark: (v: Variable) => void,
): Promise<boolean> {
  const { name, key, append, value } = splitAssignment(arg);
  if (!NAME.test(name)) {
    await sh.complain(`${builtin}: \`${arg}': not a valid identifier`);
    return false;
  }
  const variable = sh.vars.declare(name, local);
  const wasReadonly = variable.readonly;
  if (!wasReadonly) mark(variable);
  const makesReadonly = variable.readonly && !wasReadonly;
  if (makesReadonly) variable.readonly = false;
  const array = sh.pendingArrays.get(name);
  sh.pendingArrays.delete(name);
  if (array !== undefined) await assign(sh, array);
  else if (key !== undefined)
    sh.vars.setElement(name, arrayKey(sh, name, key), value ?? '', append);
  else if (value !== undefined) sh.vars.set(name, value, append);
  if (makesReadonly) variable.readonly = true;
  return true;
}

/** Takes option letters off the front. */
function splitOptions(args: readonly string[]): {
  on: string;
  off: string;
  rest: readonly string[];
} {
  let on = '';
  let off = '';
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === '--') {
      at++;
      break;
    }
    if (/^-[a-zA-Z]+$/.test(arg)) on += arg.slice(1);
    else if (/^\+[a-zA-Z]+$/.test(arg)) off += arg.slice(1);
    else break;
  }
  return { on, off, rest: args.slice(at) };
}

const export_: Builtin = async (sh, args) => {
  const { on, rest } = splitOptions(args);
  const bad = [...on].find((c) => !'fnp'.includes(c));
  if (bad !== undefined) {
    await sh.complain(`export: -${bad}: invalid option`);
    await sh.proc.err('export: usage: export [-fn] [name[=value] ...] or export -p\n');
    return 2;
  }
  if (rest.length === 0) {
    await printDeclarations(sh, sh.vars.names(), (v) => v.exported);
    return 0;
  }
  let status = 0;
  for (const arg of rest) {
    const mark = (v: Variable) => {
      v.exported = !on.includes('n');
    };
    const existing = sh.vars.find(splitAssignment(arg).name);
    if (existing !== undefined && !arg.includes('=')) mark(existing);
    else if (!(await declareOne(sh, 'export', arg, false, mark))) status = 1;
  }
  return status;
};

const readonly: Builtin = async (sh, args) => {
  const { rest } = splitOptions(args);
  if (rest.length === 0) await printDeclarations(sh, sh.vars.names(), (v) => v.readonly);
  let status = 0;
  for (const arg of rest) {
    const mark = (v: Variable) => {
      v.readonly = true;
    };
    if (!(await declareOne(sh, 'readonly', arg, false, mark))) status = 1;
  }
  return status;
};

const LETTERS = 'aAfFgilnprtuxI';

function declareAs(builtin: string): Builtin {
  return async (sh, args) => {
    const { on, off, rest } = splitOptions(args);
    const bad = [...on, ...off].find((c) => !LETTERS.includes(c));
    if (bad !== undefined) {
      await sh.complain(`${builtin}: -${bad}: invalid option`);
      return 2;
    }
    if (on.includes('f') || on.includes('F')) return printFunctions(sh, on, rest);
    if (on.includes('p') || rest.length === 0) return printAsked(sh, builtin, rest);
    const local = sh.vars.inFunction && !on.includes('g');
    let status = 0;
    for (const arg of rest)
      if (!(await declareOne(sh, builtin, arg, local, (v) => setAttributes(v, on, off))))
        status = 1;
    return status;
  };
}

function setAttributes(v: Variable, on: string, off: string): void {
  if (on.includes('x')) v.exported = true;
  if (off.includes('x')) v.exported = false;
  if (on.includes('r')) v.readonly = true;
  if (on.includes('i')) v.integer = true;
  if (off.includes('i')) v.integer = false;
  if (on.includes('l')) v.letters = 'lower';
  if (on.includes('u')) v.letters = 'upper';
  if (on.includes('a')) v.kind = 'indexed';
  if (on.includes('A')) {
    v.kind = 'associative';
    v.value ??= new Map();
  }
}

async function printAsked(sh: Shell, builtin: string, names: readonly string[]): Promise<number> {
  if (names.length === 0) {
    await printDeclarations(sh, sh.vars.names(), () => true);
    return 0;
  }
  let status = 0;
  for (const name of names) {
    if (sh.vars.find(name) === undefined) {
      await sh.complain(`${builtin}: ${name}: not found`);
      status = 1;
    } else await printDeclarations(sh, [name], () => true);
  }
  return status;
}

async function printDeclarations(
  sh: Shell,
  names: readonly string[],
  wanted: (v: Variable) => boolean,
): Promise<void> {
  let text = '';
  for (const name of names) {
    const v = sh.vars.find(name);
    if (v !== undefined && wanted(v)) text += `declare ${attributes(v)} ${name}${shownValue(v)}\n`;
  }
  await sh.proc.out(text);
}

function attributes(v: Variable): string {
  const letters = [
    v.kind === 'indexed' ? 'a' : v.kind === 'associative' ? 'A' : '',
    v.integer ? 'i' : '',
    v.letters === 'lower' ? 'l' : '',
    v.readonly ? 'r' : '',
    v.letters === 'upper' ? 'u' : '',
    v.exported ? 'x' : '',
  ].join('');
  return letters === '' ? '--' : `-${letters}`;
}

function shownValue(v: Variable): string {
  if (v.value === undefined) return '';
  if (typeof v.value === 'string') return `=${doubleQuote(v.value)}`;
  const items = [...v.value].map(([key, value]) => `[${key}]=${doubleQuote(value)}`);
  const tail = v.kind === 'associative' && items.length > 0 ? ' ' : '';
  return `=(${items.join(' ')}${tail})`;
}

function doubleQuote(text: string): string {
  if (/[\n\t]/.test(text)) return quoteAlways(text);
  return `"${text.replace(/["\\$`]/g, '\\$&')}"`;
}

async function printFunctions(sh: Shell, on: string, names: readonly string[]): Promise<number> {
  let status = 0;
  for (const name of names.length > 0 ? names : [...sh.functions.keys()].sort()) {
    const fn = sh.functions.get(name);
    if (fn === undefined) status = 1;
    else if (on.includes('F'))
      await sh.proc.out(names.length > 0 ? `${name}\n` : `declare -f ${name}\n`);
    else await sh.proc.out(`${fn.source.text.slice(fn.node.pos, fn.node.end)}\n`);
  }
  return status;
}

const local: Builtin = async (sh, args) => {
  if (!sh.vars.inFunction) {
    await sh.complain('local: can only be used in a function');
    return 1;
  }
  return declareAs('local')(sh, args);
};

const unset: Builtin = async (sh, args) => {
  const { on, rest } = splitOptions(args);
  for (const name of rest) {
    const element = /^(\w+)\[(.*)\]$/.exec(name);
    if (element !== null) unsetElement(sh, element[1] as string, element[2] as string);
    else if (on.includes('f')) sh.functions.delete(name);
    else if (!sh.vars.unset(name) && !on.includes('v')) sh.functions.delete(name);
  }
  return 0;
};

function unsetElement(sh: Shell, name: string, subscript: string): void {
  if (subscript === '@' || subscript === '*') sh.vars.unset(name);
  else sh.vars.elements(name).delete(arrayKey(sh, name, subscript));
}

/** Builtins that make, change and remove variables. */
export const declareBuiltins: Readonly<Record<string, Builtin>> = {
  export: export_,
  readonly,
  declare: declareAs('declare'),
  typeset: declareAs('typeset'),
  local,
  unset,
};
