import type { Process } from '../../machine/index.ts';
import { type Context, parseOptions, runBatch, runTool } from '../context/index.ts';
import { type Args, Exit, Failure, matches } from '../parse/index.ts';
import { OBJECTS } from './objects.ts';
import { type BatchFile, ipOptions } from './options.ts';
import { IP_USAGE } from './usage.ts';

async function runObject(ctx: Context, words: readonly string[]): Promise<number> {
  const [object = '', ...rest] = words;
  const run = OBJECTS.find(([name]) => matches(object, name))?.[1];
  if (run === undefined) throw new Failure(1, `Object "${object}" is unknown, try "ip help".\n`);
  return run(ctx, rest);
}

async function main(ctx: Context, args: Args): Promise<number> {
  const batch: BatchFile = { name: undefined };
  parseOptions(ctx, args, ipOptions(batch), 'ip -help');
  if (batch.name !== undefined) {
    const { family } = ctx.options;
    return runBatch(ctx, batch.name, (words) => {
      ctx.options.family = family;
      return runObject(ctx, words);
    });
  }
  if (args.done) throw new Exit(255, IP_USAGE);
  return runObject(ctx, args.rest());
}

/** ip(8) */
export function ip(proc: Process): Promise<number> {
  return runTool(proc, main);
}
