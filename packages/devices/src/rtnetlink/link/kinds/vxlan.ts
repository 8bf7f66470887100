import { KernelError } from '@labwire/core/error';
import { allocName, type NetDevice } from '../../../link/index.ts';
import {
  isGroup,
  VXLAN_HEADROOM,
  Vxlan,
  type VxlanConfig,
  vxlanConfig,
} from '../../../link/vxlan/index.ts';
import type { Netns } from '../../../netns/netns.ts';
import { type LinkPlan, newSingle } from './new-link.ts';

function refuseTwin(netns: Netns, c: VxlanConfig): void {
  const twin = netns.kernel
    .netnses()
    .flatMap((n) => n.devices.list())
    .some(
      (d) =>
        d instanceof Vxlan && d.underlay === netns && d.vni === c.vni && d.config.port === c.port,
    );
  if (twin) throw new KernelError('EEXIST', 'A VXLAN device with the specified VNI already exists');
}

/** `vxlan_newlink()` @throws {@link KernelError} with the kernel's words */
export function newVxlan(plan: LinkPlan): NetDevice {
  const { netns, source, request, pattern } = plan;
  const data = request.infoData;
  if (data === undefined)
    throw new KernelError('EINVAL', 'Required attributes not provided to perform the operation');
  const config = vxlanConfig(data);
  const index = Number(data.link ?? 0);
  const lower = index === 0 ? null : source.devices.byIndex(index);
  if (lower === undefined)
    throw new KernelError('ENODEV', 'Invalid local interface, device not found');
  if (isGroup(config) && lower === null)
    throw new KernelError('EINVAL', 'Local interface required for multicast remote destination');
  refuseTwin(source, config);
  // an MTU that the device below has no room for is cut
  const most = lower === null ? 65_535 : lower.mtu - VXLAN_HEADROOM;
  const vxlan = newSingle(
    plan,
    (addr) => new Vxlan(allocName(netns, pattern), addr, source, config, lower),
  );
  vxlan.attach();
  if (request.mtu !== undefined && request.mtu > most) vxlan.mtu = most;
  return vxlan;
}
