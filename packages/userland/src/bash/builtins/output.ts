import { utf8Decode } from '@labwire/core/bytes';
import { echoText, escapedBytes } from '../../coreutils/escapes.ts';
import { formatPrintf } from '../../coreutils/printf-format.ts';
import { evaluateTest, TestError } from '../../coreutils/test-expression.ts';
import { arrayKey, quoteIfNeeded } from '../expand/index.ts';
import type { Builtin, Shell } from '../shell.ts';

const echo: Builtin = async (sh, args) => {
  const escapes = sh.dialect === 'dash' || sh.shopts.has('xpg_echo');
  await sh.proc.write(1, escapedBytes(echoText(args, escapes)));
  return 0;
};

const printf: Builtin = async (sh, args) => {
  let rest = args;
  let variable: string | undefined;
  if (rest[0] === '-v') {
    variable = rest[1];
    rest = rest.slice(2);
  }
  if (rest[0] === '--') rest = rest.slice(1);
  const [format, ...values] = rest;
  if (format === undefined) {
    await sh.proc.err('printf: usage: printf [-v var] format [arguments]\n');
    return 2;
  }
  if (/^-[a-zA-Z]/.test(format) && rest === args) {
    await sh.complain(`printf: ${format.slice(0, 2)}: invalid option`);
    await sh.proc.err('printf: usage: printf [-v var] format [arguments]\n');
    return 2;
  }
  const { text, errors } = formatPrintf(format, values, quoteIfNeeded);
  for (const error of errors) await sh.complain(`printf: ${error}`);
  const bytes = escapedBytes(text);
  if (variable === undefined) await sh.proc.write(1, bytes);
  else store(sh, variable, utf8Decode(bytes));
  return errors.length > 0 ? 1 : 0;
};

function store(sh: Shell, variable: string, text: string): void {
  const m = /^(\w+)\[(.*)\]$/.exec(variable);
  if (m === null) sh.vars.set(variable, text);
  else sh.vars.setElement(m[1] as string, arrayKey(sh, m[1] as string, m[2] as string), text);
}

const test: Builtin = async (sh, args) => runTest(sh, 'test', args);

const bracket: Builtin = async (sh, args) => {
  if (args.at(-1) === ']') return runTest(sh, '[', args.slice(0, -1));
  await sh.complain("[: missing `]'");
  return 2;
};

async function runTest(sh: Shell, name: string, args: readonly string[]): Promise<number> {
  try {
    if (args[0] === '-v' && args.length === 2)
      return Number(sh.vars.get(args[1] as string) === undefined);
    return evaluateTest(sh.proc, args);
  } catch (e) {
    if (!(e instanceof TestError)) throw e;
    await sh.complain(`${name}: ${e.message}`);
    return 2;
  }
}

/** Builtins that print and compare. */
export const outputBuiltins: Readonly<Record<string, Builtin>> = {
  echo,
  printf,
  test,
  '[': bracket,
};
