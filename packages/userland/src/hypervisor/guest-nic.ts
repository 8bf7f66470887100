import type { MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import { Nic } from '@labwire/devices/link';
import type { NicModel } from './nic-model.ts';

/** A NIC as its guest sees it. */
export class GuestNic extends Nic {
  readonly model: NicModel;

  constructor(name: string, addr: MacAddr, model: NicModel) {
    super(name, addr);
    this.model = model;
    this.speed = model.speed;
    this.maxMtu = model.maxMtu;
    this.defaultQdisc = 'fq_codel';
  }

  override latency(bytes: number): Nanos {
    return super.latency(bytes) + this.model.cost;
  }
}
