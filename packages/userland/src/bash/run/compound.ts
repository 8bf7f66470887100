import { BreakLoop, ContinueLoop } from '../control.ts';
import {
  evaluateText,
  expandPattern,
  expandToString,
  expandWords,
  patternRegExp,
  quoteTrace,
} from '../expand/index.ts';
import type {
  ArithmeticFor,
  Case,
  CommandNode,
  CompoundList,
  For,
  If,
  While,
} from '../parse/index.ts';
import type { Shell } from '../shell.ts';
import { runConditional } from './conditional.ts';
import { waitForeground } from './external.ts';
import { withRedirections } from './redirect.ts';

type Compound = Exclude<CommandNode, { type: 'Command' }>;

/** Runs a compound command. */
export async function runCompound(sh: Shell, node: Compound): Promise<number> {
  switch (node.type) {
    case 'Redirected':
      return withRedirections(sh, node.redirects, () =>
        sh.interpreter.runCommand(sh, node.command, false),
      );
    case 'BraceGroup':
      return body(sh, node.body);
    case 'Subshell':
      return runInSubshell(sh, node.body);
    case 'If':
      return runIf(sh, node);
    case 'While':
      return runWhile(sh, node);
    case 'For':
      return runFor(sh, node);
    case 'ArithmeticFor':
      return runArithmeticFor(sh, node);
    case 'Case':
      return runCase(sh, node);
    case 'Function':
      sh.functions.set(node.name.value, { node, source: sh.source });
      return 0;
    case 'TestCommand':
      return runConditional(sh, node.expression);
    case 'ArithmeticCommand':
      await trace(sh, `(( ${node.body.trim()} ))`);
      return Number((await evaluateText(sh, node.body)) === 0n);
    case 'Select':
      return refuse(sh, 'select');
    case 'Coproc':
      return refuse(sh, 'coproc');
  }
}

async function refuse(sh: Shell, word: string): Promise<number> {
  await sh.complain(
    `${word}: not supported; supported are if, for, while, until, case, [[ ]], (( )), { } and ( )`,
  );
  return 2;
}

function body(sh: Shell, list: CompoundList): Promise<number> {
  return sh.interpreter.runList(sh, list.commands);
}

async function runInSubshell(sh: Shell, list: CompoundList): Promise<number> {
  const child = sh.proc.spawn(sh.proc.argv, (proc) =>
    sh.interpreter.runSubshell(sh.fork(proc), list.commands),
  );
  return waitForeground(sh, [child]);
}

/** Runs a condition: set -e does not heed its failure. */
async function condition(sh: Shell, list: CompoundList): Promise<boolean> {
  sh.errexitOff++;
  try {
    return (await body(sh, list)) === 0;
  } finally {
    sh.errexitOff--;
  }
}

async function runIf(sh: Shell, node: If): Promise<number> {
  if (await condition(sh, node.clause)) return body(sh, node.then);
  for (const elif of node.elif) if (await condition(sh, elif.clause)) return body(sh, elif.then);
  return node.else === undefined ? 0 : body(sh, node.else);
}

/** Shows what is run: set -x. */
async function trace(sh: Shell, text: string): Promise<void> {
  if (sh.options.has('x')) await sh.proc.err(`${sh.tracePrefix}${text}\n`);
}

/** What one round of a loop came to. */
interface Round {
  readonly status: number;
  readonly stop: boolean;
}

/** Runs one round; break and continue for loops further out go on. */
async function round(sh: Shell, list: CompoundList): Promise<Round> {
  sh.loopDepth++;
  try {
    return { status: await body(sh, list), stop: false };
  } catch (e) {
    if (!(e instanceof BreakLoop) && !(e instanceof ContinueLoop)) throw e;
    if (e.levels > 1 && sh.loopDepth > 1) {
      e.levels--;
      throw e;
    }
    return { status: 0, stop: e instanceof BreakLoop };
  } finally {
    sh.loopDepth--;
  }
}

async function runWhile(sh: Shell, node: While): Promise<number> {
  const wanted = node.kind === 'while';
  let status = 0;
  for (;;) {
    await sh.tick();
    if ((await condition(sh, node.clause)) !== wanted) return status;
    const done = await round(sh, node.body);
    status = done.status;
    if (done.stop) return status;
  }
}

async function runFor(sh: Shell, node: For): Promise<number> {
  const items = node.wordlist === undefined ? sh.positional : await expandWords(sh, node.wordlist);
  let status = 0;
  for (const item of items) {
    await sh.tick();
    await trace(sh, `for ${node.name.value} in ${items.map(quoteTrace).join(' ')}`);
    sh.vars.set(node.name.value, item);
    const done = await round(sh, node.body);
    status = done.status;
    if (done.stop) break;
  }
  return status;
}

async function runArithmeticFor(sh: Shell, node: ArithmeticFor): Promise<number> {
  const text = (e: { pos: number; end: number } | undefined) =>
    e === undefined ? undefined : sh.source.text.slice(e.pos, e.end);
  const test = text(node.test);
  const update = text(node.update);
  await evaluateText(sh, text(node.initialize) ?? '');
  let status = 0;
  while (test === undefined || (await evaluateText(sh, test)) !== 0n) {
    await sh.tick();
    const done = await round(sh, node.body);
    status = done.status;
    if (done.stop) break;
    await evaluateText(sh, update ?? '');
  }
  return status;
}

async function runCase(sh: Shell, node: Case): Promise<number> {
  const subject = await expandToString(sh, node.word);
  await trace(sh, `case ${quoteTrace(subject)} in`);
  let status = 0;
  let falls = false;
  for (const item of node.items) {
    if (!falls && !(await matchesAny(sh, subject, item.pattern))) continue;
    status = await body(sh, item.body);
    if (item.terminator !== ';&' && item.terminator !== ';;&') return status;
    falls = item.terminator === ';&';
  }
  return status;
}

async function matchesAny(
  sh: Shell,
  subject: string,
  patterns: Case['items'][number]['pattern'],
): Promise<boolean> {
  const flags = sh.shopts.has('nocasematch') ? 'i' : '';
  for (const pattern of patterns)
    if (patternRegExp(await expandPattern(sh, pattern), flags).test(subject)) return true;
  return false;
}
