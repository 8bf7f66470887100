import { KernelError } from '@labwire/core/error';
import { IFF_LOOPBACK, type NetDevice } from '../net-device.ts';
import { devClose, devOpen } from '../register.ts';
import type { PortOps } from '../rx-handler.ts';
import type { Vrf } from './vrf.ts';

/** How devices become part of a VRF and cease to be. Linux drivers/net/vrf.c. */
export class VrfPorts implements PortOps {
  readonly #vrf: Vrf;

  constructor(vrf: Vrf) {
    this.#vrf = vrf;
  }

  /** `vrf_add_slave()` @throws {@link KernelError} EINVAL, EOPNOTSUPP */
  add(dev: NetDevice): void {
    if (dev.l3Master === dev)
      throw new KernelError('EINVAL', 'Can not enslave an L3 master device to a VRF');
    if ((dev.flags & IFF_LOOPBACK) !== 0)
      throw new KernelError('EOPNOTSUPP', 'Can not enslave loopback device to a VRF');
    this.#move(dev, this.#vrf);
  }

  /** `vrf_del_slave()` */
  remove(dev: NetDevice): void {
    this.#move(dev, null);
  }

  /** What the device had in its tables goes, and comes back in those of its new domain. `netdev_master_upper_dev_link()`, `cycle_netdev()` */
  #move(dev: NetDevice, to: Vrf | null): void {
    dev.netns?.notify(dev, 'CHANGEUPPER');
    dev.master = to;
    const wasUp = dev.isUp;
    if (wasUp) devClose(dev);
    dev.l3Master = to;
    if (wasUp && !dev.unregistering) devOpen(dev);
  }

  data(_dev: NetDevice): Readonly<Record<string, unknown>> {
    return { table: this.#vrf.table };
  }

  change(_dev: NetDevice, _data: Readonly<Record<string, unknown>>): void {
    throw new KernelError('EOPNOTSUPP');
  }
}
