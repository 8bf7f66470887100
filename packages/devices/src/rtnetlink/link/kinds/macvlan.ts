import { KernelError } from '@labwire/core/error';
import {
  allocName,
  changeSources,
  Macvlan,
  MacvlanPort,
  Macvtap,
  MODE_PASSTHRU,
  type NetDevice,
  validateMacvlan,
} from '../../../link/index.ts';
import { type LinkPlan, lowerOf, newSingle, orUnregister } from './new-link.ts';

/** Puts a macvlan's attributes on a new one. `macvlan_common_newlink()` */
function configure(macvlan: Macvlan, data: Readonly<Record<string, unknown>>): void {
  if (data.flags !== undefined) macvlan.macvlanFlags = Number(data.flags);
  if (data.mode !== undefined) macvlan.mode = Number(data.mode);
  if (data.bc_queue_len !== undefined) macvlan.bcQueueLen = Number(data.bc_queue_len);
  if (data.macaddr_mode !== undefined) changeSources(macvlan, data);
}

/** Makes a macvlan, or what is built upon one. `macvlan_newlink()` @throws {@link KernelError} EINVAL, EBUSY, ENODEV */
function newMacvlanOf(Kind: new (...args: ConstructorParameters<typeof Macvlan>) => Macvlan) {
  return (plan: LinkPlan): NetDevice => {
    const { netns, request, pattern } = plan;
    const data = request.infoData ?? {};
    validateMacvlan(data);
    const named = lowerOf(plan);
    const lower = named instanceof Macvlan ? named.port.lower : named;
    if (request.mtu !== undefined && request.mtu > lower.mtu) throw new KernelError('EINVAL');
    const passthru = data.mode === MODE_PASSTHRU;
    const port = MacvlanPort.of(lower, passthru);
    const macvlan = newSingle(
      plan,
      (addr) => new Kind(allocName(netns, pattern), passthru ? lower.addr : addr, port),
    );
    macvlan.attach();
    return orUnregister(macvlan, () => configure(macvlan, data));
  };
}

/** `ip link add … type macvlan` */
export const newMacvlan: (plan: LinkPlan) => NetDevice = newMacvlanOf(Macvlan);

/** `ip link add … type macvtap` */
export const newMacvtap: (plan: LinkPlan) => NetDevice = newMacvlanOf(Macvtap);
