import type { MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import { Nic } from '@labwire/devices/link';
import type { NetBackend } from './net-backend.ts';
import type { NicModel } from './nic-model.ts';

/** A NIC as its guest sees it. */
export class GuestNic extends Nic {
  readonly model: NicModel;
  /** What it is connected to; null: nothing. */
  readonly backend: NetBackend | null;

  constructor(name: string, addr: MacAddr, model: NicModel, backend: NetBackend | null) {
    super(name, addr);
    this.model = model;
    this.backend = backend;
    this.speed = model.speed;
    this.maxMtu = model.maxMtu;
    this.defaultQdisc = 'fq_codel';
  }

  override latency(bytes: number): Nanos {
    return super.latency(bytes) + this.model.cost;
  }
}
