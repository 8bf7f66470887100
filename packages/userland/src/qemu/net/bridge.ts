import { KernelError } from '@labwire/core/error';
import type { TunFile } from '@labwire/devices/link';
import { TapBackend } from '../../hypervisor/index.ts';
import { exec, findProgram, TunDeviceFile } from '../../machine/index.ts';
import type { Opts } from '../command-line/index.ts';
import type { NetContext, Netdev } from './netdev.ts';

/** The bridge that is meant where none is named. */
export const DEFAULT_BRIDGE = 'br0';
/** Makes taps for whoever may not. */
export const DEFAULT_HELPER = '/usr/lib/qemu/qemu-bridge-helper';

/** The descriptor that a helper leaves the tap on, in place of a Unix socket to send it over. */
export const HELPER_FD = 3;

/** Has a helper make a tap and put it into a bridge. net/tap.c, net_bridge_run_helper() @throws QemuError */
export async function runBridgeHelper(
  { proc }: NetContext,
  opts: Opts,
  helper: string,
  bridge: string,
): Promise<Netdev> {
  const argv = [helper, '--use-vnet', `--fd=${HELPER_FD}`, `--br=${bridge}`];
  let tun: TunFile | undefined;
  const child = proc.spawn(argv, async (p) => {
    const path = findProgram(p, helper);
    if (path === undefined) return 1;
    const code = await exec(p, path, argv).catch((e: unknown) => {
      if (e instanceof KernelError) return 1;
      throw e;
    });
    const file = p.fds.get(HELPER_FD);
    if (code !== 0 || !(file instanceof TunDeviceFile)) return code;
    proc.setFd(proc.freeFd(), file);
    tun = file.tun;
    return 0;
  });
  if ((await proc.waitFor(child)) !== 0 || tun === undefined)
    throw opts.error('bridge helper failed');
  const backend = new TapBackend(tun);
  return {
    backend,
    info: `helper=${helper},br=${bridge}`,
    close: async () => backend.close(),
  };
}
