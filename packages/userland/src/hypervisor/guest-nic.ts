import type { MacAddr } from '@labwire/core/addr';
import type { Nanos, Simulator } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import { type Cable, Nic } from '@labwire/devices/link';
import type { NetBackend } from './net-backend.ts';
import { NicEngine } from './nic-engine.ts';
import type { NicModel } from './nic-model.ts';

/** Frames that QEMU keeps for a NIC that has no room. QEMU net/queue.c, nq_maxlen */
const QEMU_QUEUE = 10_000;

/** A NIC as its guest sees it. */
export class GuestNic extends Nic {
  readonly model: NicModel;
  /** What it is connected to; null: nothing. */
  readonly backend: NetBackend | null;
  readonly #engine: NicEngine;

  constructor(
    name: string,
    addr: MacAddr,
    model: NicModel,
    backend: NetBackend | null,
    sim: Simulator,
  ) {
    super(name, addr);
    this.model = model;
    this.backend = backend;
    this.#engine = new NicEngine(sim, model);
    this.speed = model.speed;
    this.maxMtu = model.maxMtu;
    this.defaultQdisc = 'fq_codel';
  }

  /** Super-segments pass whole where the model and what it is connected to have virtio's headers. */
  override plug(cable: Cable): void {
    super.plug(cable);
    const able = this.model.superSegments && this.backend?.superSegments === true;
    this.canTso &&= able;
    this.tso &&= able;
    this.backend?.setOffload(able);
  }

  protected override departure(skb: SkBuff): Nanos {
    const done = this.#engine.send(skb.len, this.model.ring + this.txQueueLen);
    return done < 0 ? done : done + this.latency(skb.len);
  }

  /** In how long the guest has a frame that comes now; below 0 if QEMU has no room for it. */
  arrival(skb: SkBuff): Nanos {
    const done = this.#engine.receive(skb.len, this.model.ring + QEMU_QUEUE);
    return done < 0 ? done : done + this.latency(skb.len);
  }

  /** Whether `most` frames wait for room in its ring. */
  isBehind(most: number): boolean {
    return this.#engine.isBehind(this.model.ring + most);
  }
}
