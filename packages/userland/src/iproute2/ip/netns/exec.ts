import { KernelError, strerror } from '@labwire/core/error';
import { exec, findProgram, type Process } from '../../../machine/index.ts';
import type { Context } from '../../context/index.ts';
import { Failure } from '../../parse/index.ts';
import { mountsFor, netnsNames, openNetns } from './nsfs.ts';

/** Becomes a program; says why if it cannot. Source: iproute2 lib/exec.c, cmd_exec(). @returns its exit status */
export async function runProgram(proc: Process, words: readonly string[]): Promise<number> {
  const name = words[0] as string;
  try {
    const path = findProgram(proc, name);
    if (path === undefined) throw new KernelError('ENOENT');
    return await exec(proc, path, words);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    await proc.err(`exec of "${name}" failed: ${strerror(e.errno)}\n`);
    return 1;
  }
}

async function execIn(ctx: Context, name: string, words: readonly string[]): Promise<number> {
  const netns = openNetns(ctx, name);
  const fs = mountsFor(ctx, name);
  await ctx.output.flush();
  const child = ctx.proc.spawn(words, (proc) => runProgram(proc, words), { netns, fs });
  const status = await ctx.proc.waitFor(child);
  return child.killedBy === undefined ? status : 1;
}

/** `ip netns exec NAME COMMAND…` and `ip -all netns exec COMMAND…` */
export async function netnsExec(ctx: Context, words: readonly string[]): Promise<number> {
  const { all } = ctx.options;
  if (words.length === 0 && !all) throw new Failure(1, 'No netns name specified\n');
  if (words.length < (all ? 1 : 2)) throw new Failure(1, 'No command specified\n');
  if (!all) return execIn(ctx, words[0] as string, words.slice(1));
  for (const name of netnsNames(ctx.proc.fs)) {
    ctx.output.out(`\nnetns: ${name}\n`);
    await execIn(ctx, name, words);
  }
  return 0;
}
