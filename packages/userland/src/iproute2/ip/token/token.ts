import type { ManualSection } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../../context/index.ts';
import { Args, invalidArgument, unsupported } from '../../parse/index.ts';

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

/** The commands, in the order in which an abbreviation is looked up. */
const COMMANDS: CommandSet = {
  name: 'ip token',
  usage: USAGE,
  bare: list,
  commands: [
    ...commands('list lst show get', list),
    ...refusedCommands('set delete', () =>
      unsupported('Setting tokens by ip token', 'ip token list, get'),
    ),
  ],
};

/** `ip token …` */
export function ipToken(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip token` can be told. */
export const tokenManual = (): ManualSection[] => [commandSection(COMMANDS)];
