import { KernelError, strerror } from '@labwire/core/error';
import { IpTunnel } from '@labwire/devices/link';
import { type LinkInfo, linkAdd, linkDel, linkSet } from '@labwire/devices/rtnetlink';
import { type ManualSection, rowsOf } from '../../../machine/index.ts';
import {
  type CommandSet,
  type Context,
  commandSection,
  commands,
  refusedCommands,
  runCommand,
} from '../../context/index.ts';
import { Exit, Failure, unsupported, wordRows } from '../../parse/index.ts';
import {
  MODES,
  parseTunnel,
  REFUSED_MODES,
  TUNNEL_NAME_WORDS,
  type TunnelMode,
  type TunnelRequest,
} from './parse.ts';
import { printTunnel } from './print.ts';
import { TUNNEL_USAGE } from './usage.ts';

/** The device that the requests of each kind go to. */
const BASE: Readonly<Record<TunnelMode, string>> = { ipip: 'tunl0', gre: 'gre0', sit: 'sit0' };
/** IPPROTO_* of what is inside, where that can differ. */
const PROTO: Readonly<Record<TunnelMode, number>> = { ipip: 4, gre: 0, sit: 41 };

/** An ioctl of the old kind, whose failure names the device that it went to. */
function attempt(what: string, name: string, act: () => void): number {
  try {
    act();
    return 0;
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new Failure(1, `${what} tunnel "${name}" failed: ${strerror(e.errno)}\n`);
  }
}

function tunnelNamed(ctx: Context, name: string): IpTunnel {
  const dev = ctx.ns.devices.byName(name);
  if (dev === undefined) throw new KernelError('ENODEV');
  if (!(dev instanceof IpTunnel) || dev.kind === 'gretap') throw new KernelError('EINVAL');
  return dev;
}

/** `ip tunnel add`. Source: iproute2 ip/iptunnel.c, do_add(). */
function add(ctx: Context, words: readonly string[]): number {
  const { name, mode, data } = parseTunnel(ctx, words);
  if (mode === undefined)
    throw new Failure(1, 'cannot determine tunnel mode (ipip, gre, vti or sit)\n');
  const infoData = { pmtudisc: 1, proto: PROTO[mode], ...data, ioctl: true };
  return attempt('add', BASE[mode], () => {
    linkAdd(ctx.ns, { kind: mode, ...(name === '' ? {} : { name }), infoData });
  });
}

/** `ip tunnel change` */
function change(ctx: Context, words: readonly string[]): number {
  const { name, data } = parseTunnel(ctx, words);
  return attempt('change', name, () => {
    const { ifindex, linkType } = tunnelNamed(ctx, name);
    linkSet(ctx.ns, ifindex, { kind: linkType, infoData: data });
  });
}

/** `ip tunnel del`, which unlike `ip link del` says so of a device that stays. */
function del(ctx: Context, words: readonly string[]): number {
  const { name } = parseTunnel(ctx, words);
  return attempt('delete', name, () => {
    const tunnel = tunnelNamed(ctx, name);
    if (tunnel.isFallback) throw new KernelError('EPERM');
    linkDel(ctx.ns, tunnel.ifindex);
  });
}

const KINDS: readonly (string | undefined)[] = ['ipip', 'gre', 'sit'];

function shown(link: LinkInfo, { name, mode, data }: TunnelRequest): boolean {
  const info = link.infoData ?? {};
  return (
    KINDS.includes(link.kind) &&
    (name === '' || link.name === name) &&
    (mode === undefined || link.kind === mode) &&
    (['local', 'remote', 'link'] as const).every(
      (key) => data[key] === undefined || data[key] === info[key],
    )
  );
}

/** `ip tunnel show` */
function show(ctx: Context, words: readonly string[]): number {
  const request = parseTunnel(ctx, words);
  if (request.name !== '') attempt('get', request.name, () => tunnelNamed(ctx, request.name));
  ctx.printer.begin();
  for (const link of ctx.links()) if (shown(link, request)) printTunnel(ctx, link);
  ctx.printer.end();
  return 0;
}

/** The commands, in the order in which an abbreviation is looked up. Source: iproute2 ip/iptunnel.c, do_iptunnel(). */
const COMMANDS: CommandSet = {
  name: 'ip tunnel',
  usage: TUNNEL_USAGE,
  bare: show,
  commands: [
    ...commands('add', add),
    ...commands('change', change),
    ...commands('delete', del),
    ...commands('show lst list', show),
    ...refusedCommands('prl 6rd', (name) =>
      unsupported(`ip tunnel ${name}`, 'add, change, del, show'),
    ),
  ],
  unknown: (command) => new Exit(255, `Command "${command}" is unknown, try "ip tunnel help"\n`),
};

/** `ip tunnel …` */
export function ipTunnel(ctx: Context, words: readonly string[]): number | Promise<number> {
  return runCommand(ctx, COMMANDS, words);
}

/** What `ip tunnel` can be told. */
export const tunnelManual = (): ManualSection[] => [
  commandSection(COMMANDS),
  { title: 'ip tunnel add, change, delete, show', rows: wordRows(TUNNEL_NAME_WORDS) },
  {
    title: 'ip tunnel … mode',
    rows: [...rowsOf(Object.keys(MODES)), ...rowsOf(REFUSED_MODES, { refused: true })],
  },
];
