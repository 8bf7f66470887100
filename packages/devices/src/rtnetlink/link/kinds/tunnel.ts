import { KernelError } from '@labwire/core/error';
import {
  allocName,
  IpTunnel,
  loadTunnelModule,
  type NetDevice,
  plainParms,
  type TunnelKind,
  tunnelParms,
  tunnelTable,
} from '../../../link/index.ts';
import { type LinkPlan, newSingle } from './new-link.ts';

/** How tunnels of a kind are made. `ip_tunnel_newlink()` @throws {@link KernelError} EEXIST, EINVAL, EOPNOTSUPP */
export function newTunnel(kind: TunnelKind) {
  return (plan: LinkPlan): NetDevice => {
    const { netns, source, request, pattern } = plan;
    loadTunnelModule(netns.kernel, kind);
    const data = request.infoData ?? {};
    const parms = tunnelParms(kind, data, plainParms(kind));
    const table = tunnelTable(source);
    if (table.twin(kind, parms) !== undefined) throw new KernelError('EEXIST');
    const tunnel = newSingle(
      plan,
      (addr) => new IpTunnel(allocName(netns, pattern), kind, table, parms, { addr }),
    );
    tunnel.attach();
    // the ioctl of `ip tunnel add` tells itself apart, since it sets limits for the MTU
    if (data.ioctl === true) tunnel.limitMtu();
    return tunnel;
  };
}
