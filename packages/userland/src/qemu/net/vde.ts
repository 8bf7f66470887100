import { KernelError, strerror } from '@labwire/core/error';
import { openVde } from '../../vde2/index.ts';
import type { Opts } from '../command-line/index.ts';
import { DatagramBackend } from './datagram-backend.ts';
import type { NetContext, Netdev } from './netdev.ts';

/** `-netdev vde`: a place at a switch. QEMU net/vde.c @throws QemuError */
export async function openVdeNetdev({ proc }: NetContext, opts: Opts): Promise<Netdev> {
  const sock = opts.get('sock');
  const port = Number(opts.get('port') ?? 0);
  if (!Number.isInteger(port)) throw opts.error("Parameter 'port' expects a number");
  try {
    const plug = await openVde(proc, sock, 'QEMU', port);
    const backend = new DatagramBackend(proc, plug.data, plug.send);
    const fd = [...proc.fds.keys()].at(-1) ?? -1;
    const close = async (): Promise<void> => {
      backend.close();
      plug.close();
    };
    return { backend, info: `type=vde,sock=${sock ?? ''},fd=${fd}`, close };
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw opts.error(`Could not open vde: ${strerror(e.errno)}`);
  }
}
