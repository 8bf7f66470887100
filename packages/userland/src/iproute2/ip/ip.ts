import type { Manual, Process } from '../../machine/index.ts';
import {
  type Context,
  optionRows,
  parseOptions,
  runBatch,
  runCommand,
  runTool,
} from '../context/index.ts';
import { type Args, Exit } from '../parse/index.ts';
import { OBJECTS, objectsManual } from './objects.ts';
import { type BatchFile, ipOptions } from './options.ts';
import { IP_USAGE } from './usage.ts';

async function main(ctx: Context, args: Args): Promise<number> {
  const batch: BatchFile = { name: undefined };
  parseOptions(ctx, args, ipOptions(batch), 'ip -help');
  if (batch.name !== undefined) {
    const { family } = ctx.options;
    return runBatch(ctx, batch.name, async (words) => {
      ctx.options.family = family;
      return runCommand(ctx, OBJECTS, words);
    });
  }
  if (args.done) throw new Exit(255, IP_USAGE);
  return runCommand(ctx, OBJECTS, args.rest());
}

/** What ip can be told. */
export const ipManual = (): Manual => [
  { title: 'Options', rows: optionRows(ipOptions({ name: undefined })) },
  ...objectsManual(),
];

/** ip(8) */
export function ip(proc: Process): Promise<number> {
  return runTool(proc, main);
}
