import { KernelError, strerror } from '@labwire/core/error';
import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_ONE_QUEUE,
  IFF_TAP,
  IFF_VNET_HDR,
} from '@labwire/devices/link';
import { type NetBackend, TapBackend } from '../../hypervisor/index.ts';
import { exec, openTun, type Process } from '../../machine/index.ts';
import type { Opts } from '../command-line/index.ts';
import { DEFAULT_BRIDGE, DEFAULT_HELPER, runBridgeHelper } from './bridge.ts';
import type { NetContext, Netdev } from './netdev.ts';

/** Configured when QEMU is built. */
const DEFAULT_SCRIPT = '/etc/qemu-ifup';
const DEFAULT_DOWNSCRIPT = '/etc/qemu-ifdown';
const IFNAME_LEN = 15;

/** Words that go with a tap of its own only. */
const OWN = ['ifname', 'script', 'downscript', 'vnet_hdr', 'queues', 'vhostfds'];

/** `-netdev tap`. QEMU net/tap.c, net_init_tap() */
export async function openTap(ctx: NetContext, opts: Opts): Promise<Netdev> {
  if (opts.get('fd') !== undefined) throw refuseFd(opts);
  const withFds = ['ifname', 'script', 'downscript', 'vnet_hdr', 'helper', 'queues', 'vhostfd'];
  if (opts.get('fds') !== undefined && withFds.some((key) => opts.get(key) !== undefined))
    throw opts.error(
      'ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, and vhostfd= are invalid with fds=',
    );
  if (opts.get('fds') !== undefined) throw opts.error('Labwire passes no descriptors: no fds=');
  const helper = opts.get('helper');
  if (helper !== undefined) return openByHelper(ctx, opts, helper);
  for (const key of ['vhost', 'vhostforce']) opts.flag(key);
  const { ifname, fd, backend } = openOwn(ctx, opts);
  const script = opts.get('script') ?? DEFAULT_SCRIPT;
  if (isScript(script)) await launch(ctx.proc, opts, script, ifname);
  const down = opts.get('downscript') ?? DEFAULT_DOWNSCRIPT;
  return {
    backend,
    info: `type=tap,ifname=${ifname},script=${script},downscript=${down}`,
    close: async () => {
      if (isScript(down)) await launch(ctx.proc, opts, down, ifname).catch(() => undefined);
      ctx.proc.close(fd);
    },
  };
}

function refuseFd(opts: Opts): Error {
  const other = [
    'ifname',
    'script',
    'downscript',
    'vnet_hdr',
    'helper',
    'queues',
    'fds',
    'vhostfds',
  ];
  if (other.some((key) => opts.get(key) !== undefined))
    return opts.error(
      'ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, fds=, and vhostfds= are invalid with fd=',
    );
  const [id, fd] = [opts.get('id') ?? 'tap', opts.get('fd') ?? ''];
  if (!/^\d+$/.test(fd)) return opts.error(`Invalid file descriptor number '${fd}'`);
  return opts.error(`${id}: Can't use file descriptor ${fd}: Bad file descriptor`);
}

/** tap_open() */
function openOwn(
  { proc }: NetContext,
  opts: Opts,
): { readonly ifname: string; readonly fd: number; readonly backend: NetBackend } {
  const wanted = (opts.get('ifname') ?? '').slice(0, IFNAME_LEN);
  const multiQueue = Number(opts.get('queues') ?? 1) > 1 ? IFF_MULTI_QUEUE : 0;
  const header = opts.flag('vnet_hdr') === false ? 0 : IFF_VNET_HDR;
  const flags = IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE | header | multiQueue;
  try {
    const { fd, tun } = openTun(proc);
    const ifname = tun.setIff(wanted === '' ? 'tap%d' : wanted, flags, proc);
    return { ifname, fd, backend: new TapBackend(tun) };
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    const which = wanted === '' ? '' : ` (${wanted})`;
    throw opts.error(`could not configure /dev/net/tun${which}: ${strerror(e.errno)}`);
  }
}

async function openByHelper(ctx: NetContext, opts: Opts, helper: string): Promise<Netdev> {
  if (OWN.some((key) => opts.get(key) !== undefined))
    throw opts.error(
      'ifname=, script=, downscript=, vnet_hdr=, queues=, and vhostfds= are invalid with helper=',
    );
  return runBridgeHelper(ctx, opts, helper, opts.get('br') ?? DEFAULT_BRIDGE);
}

/** `-netdev bridge`. QEMU net/tap.c, net_init_bridge() */
export function openBridge(ctx: NetContext, opts: Opts): Promise<Netdev> {
  const helper = opts.get('helper') ?? DEFAULT_HELPER;
  return runBridgeHelper(ctx, opts, helper, opts.get('br') ?? DEFAULT_BRIDGE);
}

function isScript(path: string): boolean {
  return path !== '' && path !== 'no';
}

/** Runs a script with the tap's name. launch_script() @throws QemuError if it fails */
async function launch(proc: Process, opts: Opts, script: string, ifname: string): Promise<void> {
  const argv = [script, ifname];
  const child = proc.spawn(argv, async (p) => {
    try {
      return await exec(p, p.path(script), argv);
    } catch (e) {
      if (e instanceof KernelError) return 1;
      throw e;
    }
  });
  const code = await proc.waitFor(child);
  const status = child.killedBy ?? code * 256;
  if (status !== 0) throw opts.error(`network script ${script} failed with status ${status}`);
}
