import type { Context } from '../../context/index.ts';
import { Args, Exit, invalidArgument, matches, unsupported } from '../../parse/index.ts';

const USAGE = 'Usage: ip token [ list | set | del | get ] [ TOKEN ] [ dev DEV ]\n';
/** IFF_LOOPBACK and IFF_NOARP: devices that form no addresses from a token. */
const NO_TOKEN = 0x8 | 0x80;

/** `ip token list`: no device has a token, since none can be set. Source: iproute2 ip/iptoken.c, iptoken_list(). */
function list(ctx: Context, words: readonly string[]): number {
  let ifindex = 0;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (!args.is('dev')) continue;
    ifindex = ctx.findIndex(args.value());
    if (ifindex === 0) throw invalidArgument('dev is invalid\n', args.word);
    break;
  }
  const { printer } = ctx;
  printer.begin();
  for (const link of ctx.links()) {
    if ((ifindex !== 0 && link.ifindex !== ifindex) || (link.flags & NO_TOKEN) !== 0) continue;
    printer.openObject();
    printer.text('token ');
    printer.field('token', '%s', '::', 'inet6');
    printer.text(' dev ');
    printer.field('ifname', '%s\n', link.name, 'ifname');
    printer.closeObject();
  }
  printer.end();
  return 0;
}

/** `ip token …` */
export function ipToken(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return list(ctx, []);
  if (['list', 'lst', 'show', 'get'].some((name) => matches(command, name))) return list(ctx, rest);
  if (['set', 'delete'].some((name) => matches(command, name)))
    throw unsupported('Setting tokens by ip token', 'ip token list, get');
  if (matches(command, 'help')) throw new Exit(255, USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "ip token help".\n`);
}
