import { KernelError } from '@labwire/core/error';
import { allocName, Dummy, Ifb } from '../../../link/index.ts';
import { newBond } from './bond.ts';
import { newBridge } from './bridge.ts';
import { newIpvlan } from './ipvlan.ts';
import { newMacvlan, newMacvtap } from './macvlan.ts';
import { type NewLink, newSingle } from './new-link.ts';
import { newTunnel } from './tunnel.ts';
import { newVeth } from './veth.ts';
import { newVlan } from './vlan.ts';
import { newVrf } from './vrf.ts';
import { newVxlan } from './vxlan.ts';

export { checkName, finishLink, orUnregister } from './new-link.ts';

/** How devices of each kind are made, by IFLA_INFO_KIND. */
export const LINK_KINDS: ReadonlyMap<string, NewLink> = new Map<string, NewLink>([
  ['veth', newVeth],
  [
    'dummy',
    (plan) => newSingle(plan, (addr) => new Dummy(allocName(plan.netns, plan.pattern), addr)),
  ],
  ['bond', newBond],
  ['bridge', newBridge],
  ['macvlan', newMacvlan],
  ['macvtap', newMacvtap],
  ['gre', newTunnel('gre')],
  ['gretap', newTunnel('gretap')],
  ['ifb', (plan) => newSingle(plan, (addr) => new Ifb(allocName(plan.netns, plan.pattern), addr))],
  ['ipip', newTunnel('ipip')],
  ['ipvlan', newIpvlan],
  ['sit', newTunnel('sit')],
  ['vlan', newVlan],
  ['vrf', newVrf],
  ['vxlan', newVxlan],
  ['tun', refuseTun],
]);

/** `tun_validate()` */
function refuseTun(): never {
  throw new KernelError('EOPNOTSUPP', 'tun/tap creation via rtnetlink is not supported');
}
