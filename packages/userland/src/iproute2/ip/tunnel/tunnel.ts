import { KernelError, strerror } from '@labwire/core/error';
import { IpTunnel } from '@labwire/devices/link';
import { type LinkInfo, linkAdd, linkDel, linkSet } from '@labwire/devices/rtnetlink';
import type { Context } from '../../context/index.ts';
import { Exit, Failure, matches, unsupported } from '../../parse/index.ts';
import { parseTunnel, type TunnelMode, type TunnelRequest } from './parse.ts';
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

/** `ip tunnel …`. Source: iproute2 ip/iptunnel.c, do_iptunnel(). */
export function ipTunnel(ctx: Context, words: readonly string[]): number {
  const [command, ...rest] = words;
  if (command === undefined) return show(ctx, []);
  if (matches(command, 'add')) return add(ctx, rest);
  if (matches(command, 'change')) return change(ctx, rest);
  if (matches(command, 'delete')) return del(ctx, rest);
  if (['show', 'lst', 'list'].some((name) => matches(command, name))) return show(ctx, rest);
  if (matches(command, 'prl') || matches(command, '6rd'))
    throw unsupported(`ip tunnel ${command}`, 'add, change, del, show');
  if (matches(command, 'help')) throw new Exit(255, TUNNEL_USAGE);
  throw new Exit(255, `Command "${command}" is unknown, try "ip tunnel help"\n`);
}
