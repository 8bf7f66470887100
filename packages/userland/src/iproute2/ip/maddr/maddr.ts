import { formatIpv4, formatMac, type Ipv4Addr, ipv6, type MacAddr } from '@labwire/core/addr';
import { formatInet } from '../../../libc-net/index.ts';
import type { ManualSection } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../../context/index.ts';
import { Args, duplicateOrGarbage, Exit, unsupported } from '../../parse/index.ts';

const USAGE = `Usage: ip maddr [ add | del ] MULTIADDR dev STRING
       ip maddr show [ dev STRING ]
`;

/** One group that a device has joined. */
interface Group {
  readonly ifindex: number;
  readonly device: string;
  readonly family: 'link' | 'inet' | 'inet6';
  readonly text: string;
  readonly users: number;
}

function lines(ctx: Context, name: string): string[] {
  const path = `/proc/net/${name}`;
  return ctx.proc.fs.exists(path) ? ctx.proc.fs.readText(path).split('\n') : [];
}

/** Source: iproute2 ip/ipmaddr.c, read_dev_mcast(). */
function linkGroups(ctx: Context): Group[] {
  const rows = lines(ctx, 'dev_mcast').map((line) => line.trim().split(/\s+/));
  return rows
    .filter((row) => row.length >= 5)
    .map(([index, device = '', users, , hex = '']) => ({
      ifindex: Number(index),
      device,
      family: 'link' as const,
      text: formatMac(Number.parseInt(hex, 16) as MacAddr),
      users: Number(users),
    }));
}

/** Source: ip/ipmaddr.c, read_igmp(): a group's bytes stand in the order of a little-endian machine. */
function inetGroups(ctx: Context): Group[] {
  const groups: Group[] = [];
  let at = { ifindex: 0, device: '' };
  for (const line of lines(ctx, 'igmp').slice(1)) {
    const [first = '', second = ''] = line.trim().split(/\s+/);
    if (!line.startsWith('\t')) at = { ifindex: Number(first), device: second.replace(/:$/, '') };
    else {
      const bytes = first.match(/../g) ?? [];
      const addr = Number.parseInt(bytes.reverse().join(''), 16) | 0;
      const text = formatIpv4(addr as Ipv4Addr);
      groups.push({ ...at, family: 'inet', text, users: Number(second) });
    }
  }
  return groups;
}

/** Source: ip/ipmaddr.c, read_igmp6(). */
function inet6Groups(ctx: Context): Group[] {
  const rows = lines(ctx, 'igmp6').map((line) => line.trim().split(/\s+/));
  return rows
    .filter((row) => row.length >= 4)
    .map(([index, device = '', hex = '', users]) => {
      const word = (i: number) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16);
      return {
        ifindex: Number(index),
        device,
        family: 'inet6' as const,
        text: formatInet(ipv6(word(0), word(1), word(2), word(3))),
        users: Number(users),
      };
    });
}

function parseDevice(words: readonly string[]): string | undefined {
  let dev: string | undefined;
  for (const args = new Args(words); !args.done; args.skip()) {
    if (args.is('dev')) args.value();
    else if (args.matches('help')) throw new Exit(255, USAGE);
    if (dev !== undefined) throw duplicateOrGarbage('dev', args.word);
    dev = args.word;
  }
  return dev;
}

function printGroup({ printer }: Context, group: Group): void {
  printer.text('\t');
  printer.openObject();
  if (group.family === 'link') {
    printer.text('link  ');
    printer.field('link', '%s', group.text, 'mac');
  } else {
    printer.field('family', '%-5s ', group.family);
    printer.field('address', '%s', group.text, group.family);
  }
  if (group.users !== 1) printer.field('users', ' users %u', group.users);
  printer.text('\n');
  printer.closeObject();
}

/** `ip maddress show` */
function show(ctx: Context, words: readonly string[]): number {
  const dev = parseDevice(words);
  const { family } = ctx.options;
  const all = [...linkGroups(ctx), ...inetGroups(ctx), ...inet6Groups(ctx)]
    .filter((g) => (family === undefined || g.family === family) && (dev ?? g.device) === g.device)
    .sort((a, b) => a.ifindex - b.ifindex);
  const { printer, options } = ctx;
  let current: Group | undefined;
  const close = () => {
    printer.closeArray();
    printer.closeObject();
  };
  printer.begin();
  for (const group of all) {
    if (group.ifindex !== current?.ifindex || options.oneline) {
      if (current !== undefined) close();
      printer.openObject();
      printer.field('ifindex', '%d:', group.ifindex);
      printer.field('ifname', '\t%s', group.device, 'ifname');
      printer.nl();
      printer.openArray('maddr');
      current = group;
    }
    printGroup(ctx, group);
  }
  if (current !== undefined) close();
  printer.end();
  return 0;
}

/** The commands, in the order in which an abbreviation is looked up. */
const COMMANDS: CommandSet = {
  name: 'ip maddr',
  usage: USAGE,
  bare: show,
  commands: [
    ...refusedCommands('add delete', (name) =>
      unsupported(`ip maddress ${name}`, 'ip maddress show'),
    ),
    ...commands('list show lst', show),
  ],
};

/** `ip maddress …` */
export function ipMaddr(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip maddress` can be told. */
export const maddrManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip maddr show', rows: [{ names: ['dev'], arg: 'DEVICE' }] },
];
