import type { Context } from '../context/index.ts';
import { Args, duplicateArgument, Exit, matches, unsupported } from '../parse/index.ts';
import { MDB_USAGE } from './usage.ts';

/** `bridge mdb show`: bridges here keep no multicast groups. Source: iproute2 bridge/mdb.c, mdb_show(). */
function show(ctx: Context, words: readonly string[]): number {
  let dev: string | undefined;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (args.is('dev')) {
      const name = args.value();
      if (dev !== undefined) throw duplicateArgument('dev', name);
      dev = name;
    } else if (args.is('vid')) args.value();
  }
  if (dev !== undefined) ctx.indexOf(dev);
  const { printer } = ctx;
  printer.begin();
  printer.openObject();
  printer.openArray('mdb');
  printer.closeArray();
  printer.openObject('router');
  printer.closeObject();
  printer.closeObject();
  printer.end();
  return 0;
}

/** `bridge mdb …` */
export function bridgeMdb(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return show(ctx, []);
  if (['show', 'lst', 'list'].some((name) => matches(command, name))) return show(ctx, rest);
  if (['add', 'delete'].some((name) => matches(command, name)))
    throw unsupported(`bridge mdb ${command}`, 'bridge mdb show');
  if (matches(command, 'help')) throw new Exit(255, MDB_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "bridge mdb help".\n`);
}
