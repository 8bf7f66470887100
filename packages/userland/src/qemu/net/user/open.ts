import { KernelError } from '@labwire/core/error';
import { formatInet } from '../../../libc-net/index.ts';
import { openChardev, parseCompatSpec } from '../../chardev/index.ts';
import type { Opts } from '../../command-line/index.ts';
import { QemuError } from '../../qemu-error.ts';
import type { NetContext, Netdev } from '../netdev.ts';
import { type HostForward, parseGuestForward, parseHostForward, readUserConfig } from './config.ts';
import type { GuestForward } from './guest-forward.ts';
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
      backend.addGuestForward(await openGuestForward(ctx, opts, backend, rule));
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

/** Opens what a rule leads to; a character device is connected at once, and stays so. slirp_guestfwd() @throws QemuError */
async function openGuestForward(
  ctx: NetContext,
  opts: Opts,
  net: UserNet,
  rule: string,
): Promise<GuestForward> {
  const { addr, port, target } = parseGuestForward(opts, rule);
  const { net: network, mask, host, dns } = net.config;
  const inside = (addr & mask) === network && addr !== host && addr !== dns;
  const conflict = opts.error(`Conflicting/invalid host:port in guest forwarding rule '${rule}'`);
  if (target.startsWith('cmd:')) {
    if (!inside) throw conflict;
    const argv = target.slice(4).match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
    return {
      addr,
      port,
      target: { kind: 'command', argv: argv.map((w) => w.replace(/^(['"])(.*)\1$/s, '$2')) },
    };
  }
  const id = `guestfwd.tcp.${port}`;
  const failed = new QemuError(opts.where, `Could not open guest forwarding device '${id}'`);
  const known = target.startsWith('chardev:')
    ? ctx.chardevs.find((c) => c.id === target.slice(8))
    : undefined;
  if (target.startsWith('chardev:') && known === undefined) throw failed;
  try {
    const dev =
      known ??
      (await openChardev(
        ctx.proc,
        ctx.program,
        id,
        parseCompatSpec(opts.where, target),
        opts.where,
      ));
    if (!inside) throw conflict;
    return { addr, port, target: { kind: 'chardev', dev } };
  } catch (e) {
    if (!(e instanceof QemuError) || e === conflict) throw e;
    throw new QemuError(e.where, e.message, failed);
  }
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
