import type { Opts } from '../command-line/index.ts';
import type { NetContext, Netdev } from './netdev.ts';

/** `-netdev hubport`: a socket of a hub, for a NIC; or, with `netdev=`, a cable from there to another backend. */
export async function openHubPort(ctx: NetContext, opts: Opts): Promise<Netdev> {
  const id = Number(opts.required('hubid'));
  if (!Number.isInteger(id)) throw opts.error("Parameter 'hubid' expects an int64 value");
  const hub = ctx.hub(id);
  const other = opts.get('netdev');
  const port = hub.addPort(opts.get('id') ?? `hub${id}port${hub.ports.length}`);
  if (other !== undefined) {
    const netdev = ctx.netdev(other);
    if (netdev === undefined) throw opts.error(`netdev '${other}' not found`);
    port.join(netdev.backend);
  }
  return { backend: port, info: `type=hubport,hubid=${id}`, close: async () => {} };
}
