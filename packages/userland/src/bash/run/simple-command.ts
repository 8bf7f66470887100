import { KernelError } from '@labwire/core/error';
import { ExpansionError, ReturnFrom } from '../control.ts';
import { expandToString, expandWords, quoteTrace } from '../expand/index.ts';
import type { Assignment, Command, Redirection, Word } from '../parse/index.ts';
import { parseText } from '../parse/index.ts';
import type { Builtin, Shell, ShellFunction } from '../shell.ts';
import { assign, traceAssignment } from './assignment.ts';
import { runExternal } from './external.ts';
import { expandRedirections, redirect, withRedirections } from './redirect.ts';

/** Builtins whose arguments `A=1` are assignments, not words. */
const DECLARATIONS: readonly string[] = ['export', 'readonly', 'declare', 'typeset', 'local'];
/** Builtins before which assignments stay, but not in bash. POSIX 2.14 */
const SPECIAL: readonly string[] = [
  'export',
  'readonly',
  'exec',
  'eval',
  '.',
  'source',
  'set',
  'unset',
  'return',
  'exit',
  'trap',
  'shift',
  ':',
];

/** A simple command: assignments, words, redirections. POSIX 2.9.1 */
export async function runSimple(sh: Shell, node: Command, tail: boolean): Promise<number> {
  const aliased = await runAlias(sh, node);
  if (aliased !== undefined) return aliased;
  const argv = await argumentsOf(sh, node);
  const assignments = node.prefix.filter((p) => p.type === 'Assignment');
  const name = argv[0];
  if (name === undefined) return runAssignments(sh, assignments, node.redirects);
  const fn = sh.functions.get(name);
  const builtin = sh.interpreter.builtins.get(name);
  if (fn !== undefined) return runFunction(sh, fn, argv, assignments, node.redirects);
  if (builtin !== undefined) return runBuiltin(sh, builtin, argv, assignments, node.redirects);
  return startExternal(sh, argv, assignments, node.redirects, tail);
}

async function argumentsOf(sh: Shell, node: Command): Promise<string[]> {
  if (node.name === undefined) return [];
  const argv = await expandWords(sh, [node.name]);
  const isDeclaration = DECLARATIONS.includes(argv[0] ?? '');
  for (const part of node.suffix) {
    if (part.type === 'Word') argv.push(...(await expandWords(sh, [part])));
    else if (part.type === 'Assignment')
      argv.push(...(await assignmentArgument(sh, part, isDeclaration)));
  }
  return argv;
}

/** `NAME=VALUE` after a declaration builtin: not split; arrays are assigned when the builtin runs. */
async function assignmentArgument(
  sh: Shell,
  part: Assignment,
  isDeclaration: boolean,
): Promise<string[]> {
  if (part.value.type === 'ArrayValue') {
    sh.pendingArrays.set(part.name, part);
    return [part.name];
  }
  const subscript = part.index === undefined ? '' : `[${part.index.text}]`;
  const head = `${part.name}${subscript}${part.append === true ? '+' : ''}=`;
  if (!isDeclaration) return expandWords(sh, [wordOf(part)]);
  return [head + (await expandToString(sh, part.value, true))];
}

function wordOf(part: Assignment): Word {
  const command = parseText(`: ''${part.text}`).commands[0]?.command;
  const word = command?.type === 'Command' ? command.suffix[0] : undefined;
  return word?.type === 'Word'
    ? word
    : { type: 'Word', text: part.text, value: part.text, pos: 0, end: 0 };
}

/** At a prompt the first word may be an alias. */
async function runAlias(sh: Shell, node: Command): Promise<number | undefined> {
  if (!sh.interactive && !sh.shopts.has('expand_aliases')) return undefined;
  const { name } = node;
  const value = name?.parts === undefined ? sh.aliases.get(name?.text ?? '') : undefined;
  if (name === undefined || value === undefined || sh.aliasing.has(name.text)) return undefined;
  const text =
    sh.source.text.slice(node.pos, name.pos) + value + sh.source.text.slice(name.end, node.end);
  sh.aliasing.add(name.text);
  try {
    return await sh.interpreter.runText(sh, text, sh.sourceFor(text));
  } finally {
    sh.aliasing.delete(name.text);
  }
}

/** Assignments alone: they stay; the status is that of the last `$(…)`. */
async function runAssignments(
  sh: Shell,
  assignments: readonly Assignment[],
  redirections: readonly Redirection[],
): Promise<number> {
  sh.status = 0;
  for (const a of assignments) {
    await assign(sh, a);
    if (sh.options.has('x')) await sh.proc.err(`+ ${traceAssignment(sh, a)}\n`);
  }
  const { status } = sh;
  if (redirections.length === 0) return status;
  return withRedirections(sh, redirections, () => Promise.resolve(status));
}

async function trace(
  sh: Shell,
  argv: readonly string[],
  assignments: readonly Assignment[],
): Promise<void> {
  if (!sh.options.has('x')) return;
  const before = assignments.map((a) => `${traceAssignment(sh, a)} `).join('');
  await sh.proc.err(`${sh.tracePrefix}${before}${argv.map(quoteTrace).join(' ')}\n`);
}

async function startExternal(
  sh: Shell,
  argv: readonly string[],
  assignments: readonly Assignment[],
  redirections: readonly Redirection[],
  tail: boolean,
): Promise<number> {
  const saved = await assignTemporarily(sh, assignments);
  try {
    await trace(sh, argv, assignments);
    const changes = await expandRedirections(sh, redirections);
    return await runExternal(sh, { argv, env: sh.vars.environment(), changes }, tail);
  } finally {
    saved();
    closeSubstitutions(sh);
  }
}

function closeSubstitutions(sh: Shell): void {
  for (const fd of sh.substitutions.splice(0)) sh.proc.close(fd);
}

/** Assigns for one command. @returns what undoes it */
async function assignTemporarily(
  sh: Shell,
  assignments: readonly Assignment[],
): Promise<() => void> {
  if (assignments.length === 0) return () => {};
  sh.vars.push();
  for (const a of assignments) {
    sh.vars.declare(a.name, true).exported = true;
    await assign(sh, a);
  }
  return () => sh.vars.pop();
}

async function runBuiltin(
  sh: Shell,
  builtin: Builtin,
  argv: readonly string[],
  assignments: readonly Assignment[],
  redirections: readonly Redirection[],
): Promise<number> {
  const name = argv[0] as string;
  const stays = sh.dialect === 'dash' && SPECIAL.includes(name);
  let undo: () => void = () => {};
  if (stays) for (const a of assignments) await assign(sh, a);
  else undo = await assignTemporarily(sh, assignments);
  try {
    await trace(sh, argv, assignments);
    if (name === 'exec') return await runExec(sh, builtin, argv, redirections);
    return await withRedirections(sh, redirections, () => callBuiltin(sh, builtin, argv));
  } finally {
    undo();
    closeSubstitutions(sh);
  }
}

/** `exec` without a command keeps its redirections. */
async function runExec(
  sh: Shell,
  builtin: Builtin,
  argv: readonly string[],
  redirections: readonly Redirection[],
): Promise<number> {
  const changes = await expandRedirections(sh, redirections);
  if (!(await redirect(sh, sh.proc, changes))) return 1;
  return callBuiltin(sh, builtin, argv);
}

async function callBuiltin(sh: Shell, builtin: Builtin, argv: readonly string[]): Promise<number> {
  try {
    return await builtin(sh, argv.slice(1));
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const shown =
      sh.dialect === 'dash' ? `${argv[0]}: I/O error` : `${argv[0]}: write error: ${e.message}`;
    await sh.complain(shown);
    return 1;
  }
}

/** Calls a function: its arguments are the positional parameters until it returns. */
async function runFunction(
  sh: Shell,
  fn: ShellFunction,
  argv: readonly string[],
  assignments: readonly Assignment[],
  redirections: readonly Redirection[],
): Promise<number> {
  const undo = await assignTemporarily(sh, assignments);
  await trace(sh, argv, assignments);
  const saved = { positional: sh.positional, source: sh.source, loops: sh.loopDepth };
  sh.positional = argv.slice(1);
  sh.loopDepth = 0;
  sh.vars.push();
  sh.callStack.unshift(argv[0] as string);
  if (sh.callStack.length > MAX_CALLS)
    throw new ExpansionError(`${argv[0]}: maximum function nesting level exceeded (${MAX_CALLS})`);
  try {
    return await withRedirections(sh, redirections, () => runBody(sh, fn));
  } catch (e) {
    if (e instanceof ReturnFrom) return e.status;
    throw e;
  } finally {
    sh.callStack.shift();
    sh.vars.pop();
    sh.positional = saved.positional;
    sh.source = saved.source;
    sh.loopDepth = saved.loops;
    undo();
  }
}

/** Calls within calls after which something has gone wrong. FUNCNEST would set it. */
const MAX_CALLS = 1000;

async function runBody(sh: Shell, fn: ShellFunction): Promise<number> {
  sh.source = fn.source;
  const { body } = fn.node;
  if (body.type === 'CompoundList') return sh.interpreter.runList(sh, body.commands);
  return sh.interpreter.runCommand(sh, body, false);
}
