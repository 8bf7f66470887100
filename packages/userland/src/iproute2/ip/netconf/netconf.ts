import { KernelError } from '@labwire/core/error';
import type { Family } from '@labwire/devices/rtnetlink';
import type { ManualSection } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  runCommand,
} from '../../context/index.ts';
import { Args, Exit } from '../../parse/index.ts';

const USAGE = 'Usage: ip netconf show [ dev STRING ]\n';
const RP_FILTER: readonly string[] = ['off', 'strict', 'loose'];

/** Settings by the name that they are shown by. Source: iproute2 ip/ipnetconf.c, print_netconf2(). */
const SETTINGS: Readonly<Record<Family, readonly (readonly [name: string, file: string])[]>> = {
  inet: [
    ['forwarding', 'forwarding'],
    ['rp_filter', 'rp_filter'],
    ['mc_forwarding', 'mc_forwarding'],
    ['proxy_neigh', 'proxy_arp'],
    ['ignore_routes_with_linkdown', 'ignore_routes_with_linkdown'],
  ],
  inet6: [
    ['forwarding', 'forwarding'],
    ['mc_forwarding', 'mc_forwarding'],
    ['proxy_neigh', 'proxy_ndp'],
    ['ignore_routes_with_linkdown', 'ignore_routes_with_linkdown'],
  ],
};

/** A setting; one that there is no file for cannot be switched on. */
function setting(ctx: Context, family: Family, member: string, file: string): number {
  const version = family === 'inet' ? 'ipv4' : 'ipv6';
  try {
    return Number(ctx.ns.sysctl.read(`net/${version}/conf/${member}/${file}`));
  } catch (e) {
    if (e instanceof KernelError && e.errno === 'ENOENT') return 0;
    throw e;
  }
}

function print(ctx: Context, family: Family, member: string): void {
  const { printer } = ctx;
  printer.openObject();
  printer.field('family', '%s ', family);
  printer.field('interface', '%s ', member, 'ifname');
  for (const [name, file] of SETTINGS[family]) {
    const value = setting(ctx, family, member, file);
    if (name === 'rp_filter') printer.field(name, `${name} %s `, RP_FILTER[value] ?? 'unknown');
    else printer.onOff(name, `${name} %s `, value !== 0);
  }
  printer.text('\n');
  printer.closeObject();
}

/** `ip netconf show`. Source: ip/ipnetconf.c, do_show(). */
function show(ctx: Context, rest: readonly string[]): number {
  let dev: string | undefined;
  for (const args = new Args(rest); !args.done; args.skip()) if (args.is('dev')) dev = args.value();
  if (dev !== undefined) dev = ctx.nameOf(ctx.existingIndexOf(dev));
  const { family } = ctx.options;
  // what is asked of one device and family is no list
  if (dev !== undefined && family !== undefined) ctx.options.json = false;
  const devices = ctx.links().map((link) => link.name);
  const members = dev === undefined ? [...devices, 'all', 'default'] : [dev];
  ctx.printer.begin();
  for (const each of ['inet', 'inet6'] as const)
    if (family === undefined || family === each)
      for (const member of members) print(ctx, each, member);
  ctx.printer.end();
  return 0;
}

function help(): never {
  throw new Exit(255, USAGE);
}

const COMMANDS: CommandSet = {
  name: 'ip netconf',
  bare: show,
  commands: [...commands('show lst list', show), ...commands('help', help)],
};

/** `ip netconf …` */
export async function ipNetconf(ctx: Context, words: readonly string[]): Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip netconf` can be told. */
export const netconfManual = (): ManualSection[] => [commandSection(COMMANDS)];
