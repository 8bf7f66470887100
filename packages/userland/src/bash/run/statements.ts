import { ExitShell, ReturnFrom } from '../control.ts';
import type { AndOr, CommandNode, Pipeline, PipelineNode, Statement } from '../parse/index.ts';
import type { Shell } from '../shell.ts';
import { runCompound } from './compound.ts';
import { runPipeline, startBackground } from './pipeline.ts';
import { runSimple } from './simple-command.ts';

/** Runs statements one after another. */
export async function runList(sh: Shell, list: readonly Statement[]): Promise<number> {
  let last = 0;
  for (const statement of list) {
    sh.pos = statement.pos;
    await sh.tick();
    last = await runStatement(sh, statement);
    sh.status = last;
  }
  return last;
}

async function runStatement(sh: Shell, statement: Statement): Promise<number> {
  if (statement.background === true) return startBackground(sh, statement);
  const { command } = statement;
  return command.type === 'AndOr' ? runAndOr(sh, command) : runOne(sh, command);
}

/** `a && b || c`: set -e heeds only the last. */
export async function runAndOr(sh: Shell, node: AndOr): Promise<number> {
  let status = 0;
  for (const [i, command] of node.commands.entries()) {
    const operator = node.operators[i - 1];
    if (operator === '&&' && status !== 0) continue;
    if (operator === '||' && status === 0) continue;
    const isLast = i === node.commands.length - 1;
    status = isLast ? await runOne(sh, command) : await unchecked(sh, () => runNode(sh, command));
    sh.status = status;
  }
  return status;
}

/** Runs something whose failure set -e does not heed. */
export async function unchecked(sh: Shell, body: () => Promise<number>): Promise<number> {
  sh.errexitOff++;
  try {
    return await body();
  } finally {
    sh.errexitOff--;
  }
}

async function runOne(sh: Shell, node: PipelineNode): Promise<number> {
  const status = await runNode(sh, node);
  if (status !== 0 && sh.errexitOff === 0 && !isNegated(node)) await failed(sh, status);
  return status;
}

function isNegated(node: PipelineNode): boolean {
  return node.type === 'Pipeline' && node.prefixes.some((p) => p.type === 'Negation');
}

async function failed(sh: Shell, status: number): Promise<void> {
  const trap = sh.traps.get('ERR');
  if (trap !== undefined) {
    sh.status = status;
    await sh.runTrap(trap);
  }
  if (sh.options.has('e')) throw new ExitShell(status);
}

function runNode(sh: Shell, node: PipelineNode): Promise<number> {
  return node.type === 'Pipeline' ? runPipeline(sh, node as Pipeline) : runSingle(sh, node);
}

async function runSingle(sh: Shell, node: CommandNode): Promise<number> {
  const status = await runCommand(sh, node, false);
  sh.pipeStatus = [status];
  return status;
}

/** Runs a command of any kind. */
export async function runCommand(sh: Shell, node: CommandNode, tail: boolean): Promise<number> {
  sh.pos = node.pos;
  return node.type === 'Command' ? runSimple(sh, node, tail) : runCompound(sh, node);
}

/** `return` outside a function ends a sourced file. */
export async function untilReturn(body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (e) {
    if (e instanceof ReturnFrom) return e.status;
    throw e;
  }
}
