import { MAC_ZERO } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { ETH_P_8021Q } from '@labwire/core/wire';
import {
  allocName,
  IFF_LOOPBACK,
  type NetDevice,
  Vlan,
  validateVlan,
} from '../../../link/index.ts';
import { type LinkPlan, newSingle, orUnregister } from './new-link.ts';

/** `vlan_newlink()` @throws {@link KernelError} with the kernel's words */
export function newVlan(plan: LinkPlan): NetDevice {
  const { netns, source, request, pattern } = plan;
  const data = request.infoData;
  validateVlan(request.addr, data);
  if (data?.id === undefined) throw new KernelError('EINVAL', '8021q: VLAN id not specified');
  if (request.link === undefined) throw new KernelError('EINVAL', '8021q: link not specified');
  const lower = source.devices.byIndex(request.link);
  if (lower === undefined) throw new KernelError('ENODEV', '8021q: link does not exist');
  if ((lower.flags & IFF_LOOPBACK) !== 0)
    throw new KernelError('EOPNOTSUPP', '8021q: VLANs not supported on device');
  const vid = Number(data.id);
  const protocol = Number(data.protocol ?? ETH_P_8021Q);
  if (lower.vlans?.find(protocol, vid) !== undefined)
    throw new KernelError('EEXIST', '8021q: VLAN device already exists');
  if (request.mtu !== undefined && request.mtu > lower.mtu) throw new KernelError('EINVAL');
  const vlan = newSingle(
    { ...plan, request: { ...request, addr: request.addr ?? lower.addr } },
    (addr) => new Vlan(allocName(netns, pattern), addr, lower, protocol, vid),
  );
  vlan.addrWasSet = request.addr !== undefined && request.addr !== MAC_ZERO;
  vlan.attach();
  return orUnregister(vlan, () => vlan.changeLink(data));
}
