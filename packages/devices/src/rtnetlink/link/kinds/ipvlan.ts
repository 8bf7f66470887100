import {
  allocName,
  changeIpvlan,
  IPVLAN_L3,
  Ipvlan,
  IpvlanPort,
  type NetDevice,
} from '../../../link/index.ts';
import { type LinkPlan, lowerOf, newSingle, orUnregister } from './new-link.ts';

/** `ipvlan_link_new()` @throws {@link KernelError} EINVAL, EBUSY, ENODEV */
export function newIpvlan(plan: LinkPlan): NetDevice {
  const { netns, request, pattern } = plan;
  const named = lowerOf(plan);
  const port = IpvlanPort.of(named instanceof Ipvlan ? named.port.lower : named);
  const ipvlan = newSingle(plan, () => new Ipvlan(allocName(netns, pattern), port));
  ipvlan.attach();
  // what is not said is l3, for all that there are already
  const data = { mode: IPVLAN_L3, ...request.infoData };
  return orUnregister(ipvlan, () => changeIpvlan(port, data));
}
