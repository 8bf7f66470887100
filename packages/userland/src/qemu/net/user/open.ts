import { KernelError } from '@labwire/core/error';
import { formatInet } from '../../../libc-net/index.ts';
import type { Opts } from '../../command-line/index.ts';
import { QemuError } from '../../qemu-error.ts';
import type { NetContext, Netdev } from '../netdev.ts';
import { type HostForward, parseGuestForward, parseHostForward, readUserConfig } from './config.ts';
import { UserNet } from './user-net.ts';

/** A backend that is a user-mode network. */
export interface UserNetdev extends Netdev {
  readonly backend: UserNet;
}

/** `-netdev user`. QEMU net/slirp.c, net_init_slirp() @throws QemuError */
export async function openUser(ctx: NetContext, opts: Opts): Promise<UserNetdev> {
  const config = readUserConfig(opts);
  const { proc } = ctx;
  const id = opts.get('id') ?? 'user';
  const backend = new UserNet(proc, config, `${proc.machine.name} ${proc.pid} ${id}`);
  try {
    // QEMU has them in a list that it reads from its end
    for (const rule of opts.all('hostfwd').reverse()) addForward(backend, rule);
    for (const rule of opts.all('guestfwd').reverse())
      backend.addGuestForward(parseGuestForward(opts, rule));
  } catch (e) {
    backend.close();
    throw e instanceof QemuError && e.where === undefined ? opts.error(e.message) : e;
  }
  const restrict = config.restricted ? 'on' : 'off';
  return {
    backend,
    info: `type=user,net=${formatInet(config.net)},restrict=${restrict}`,
    close: async () => backend.close(),
  };
}

/** Opens a port by its rule. @throws QemuError without a place */
export function addForward(net: UserNet, text: string): void {
  const rule: HostForward = parseHostForward(text);
  try {
    net.addHostForward(rule);
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new QemuError(undefined, `Could not set up host forwarding rule '${text}'`);
  }
}
