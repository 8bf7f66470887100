import type { MacAddr } from '@labwire/core/addr';
import { freeSkb, type SkBuff } from '@labwire/core/skb';
import { carrierOff, carrierOn } from './link-state.ts';
import { IFF_BROADCAST, IFF_NOARP, NetDevice } from './net-device.ts';

/** A device that swallows what it is sent. Linux drivers/net/dummy.c. */
export class Dummy extends NetDevice {
  override readonly linkType = 'dummy';

  constructor(name: string, addr: MacAddr) {
    super(name, addr);
    this.flags = IFF_BROADCAST | IFF_NOARP;
    this.minMtu = 0;
    this.maxMtu = 0;
  }

  /** `dummy_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    this.stats.txPackets++;
    this.stats.txBytes += skb.len;
    freeSkb(skb);
  }

  /** `dummy_change_carrier()` */
  override changeCarrier(carrier: boolean): void {
    if (carrier) carrierOn(this);
    else carrierOff(this);
  }
}
