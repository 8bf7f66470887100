import type { Process } from '../../machine/index.ts';
import { Args, Exit, Failure } from '../parse/index.ts';
import { Context } from './context.ts';

/** Runs a tool: what it throws is told, what it said is written. @returns its exit status */
export async function runTool(
  proc: Process,
  main: (ctx: Context, args: Args) => number | Promise<number>,
): Promise<number> {
  const ctx = new Context(proc);
  let status: number;
  try {
    status = await main(ctx, new Args(proc.argv.slice(1)));
  } catch (e) {
    if (!(e instanceof Exit) && !(e instanceof Failure)) throw e;
    ctx.output.err(e.text);
    status = e.status;
  }
  await ctx.output.flush();
  return status;
}
