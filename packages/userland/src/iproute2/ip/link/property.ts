import { linkSet } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { Args, duplicateOrGarbage, Exit, invalidArgument, isAltIfname } from '../../parse/index.ts';
import { LINK_USAGE } from './usage.ts';

/** `ip link property add|del dev DEVICE altname NAME…`. Source: iproute2 ip/iplink.c, iplink_prop(). */
export function linkProperty(ctx: Context, rest: readonly string[]): number {
  const args = new Args(rest);
  if (args.done || args.matches('help')) throw new Exit(255, LINK_USAGE);
  const adding = args.matches('add');
  if (!adding && !args.matches('del')) throw new Exit(255, 'Operator required\n');
  args.skip();
  const { dev, names } = parseNames(args);
  const ifindex = ctx.indexOf(dev);
  const request = adding ? { addAltNames: names } : { delAltNames: names };
  ctx.modify(() => linkSet(ctx.ns, ifindex, request));
  return 0;
}

function parseNames(args: Args): { dev: string; names: string[] } {
  let dev: string | undefined;
  const names: string[] = [];
  for (; !args.done; args.skip()) {
    if (args.matches('altname')) {
      const name = args.value();
      if (!isAltIfname(name)) throw invalidArgument('not a valid altname', name);
      names.push(name);
    } else if (args.matches('help')) throw new Exit(255, LINK_USAGE);
    else {
      const name = args.is('dev') ? args.value() : args.word;
      if (dev !== undefined) throw duplicateOrGarbage('dev', name);
      if (!isAltIfname(name)) throw invalidArgument('"dev" not a valid ifname', name);
      dev = name;
    }
  }
  if (dev === undefined)
    throw new Exit(255, 'Not enough of information: "dev" argument is required.\n');
  return { dev, names };
}
