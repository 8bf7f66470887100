import type { Context } from '../../context/index.ts';
import { Exit, matches } from '../../parse/index.ts';
import { addTun, deleteTun } from './manage.ts';
import { showTuns } from './show.ts';
import { TUNTAP_USAGE } from './usage.ts';

/** `ip tuntap …` */
export function ipTuntap(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return showTuns(ctx);
  if (matches(command, 'add')) return addTun(ctx, rest);
  if (matches(command, 'delete')) return deleteTun(ctx, rest);
  if (['show', 'lst', 'list'].some((name) => matches(command, name))) return showTuns(ctx);
  if (matches(command, 'help')) throw new Exit(255, TUNTAP_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "ip tuntap help".\n`);
}
