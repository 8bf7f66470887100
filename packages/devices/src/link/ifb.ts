import type { MacAddr } from '@labwire/core/addr';
import type { EventHandler } from '@labwire/core/sim';
import type { SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';
import { ETH_HLEN, IFF_BROADCAST, IFF_NOARP, NetDevice } from './net-device.ts';

/** Frames that wait. IFB's TX_Q_LIMIT */
const TX_Q_LIMIT = 32;

/**
 * A device for the queueing of what comes in: `mirred` redirects frames to it, and when its queueing discipline has given them out they
 * go on where they were taken from. Linux drivers/net/ifb.c
 */
export class Ifb extends NetDevice {
  override readonly linkType = 'ifb';
  override readonly vlanOffload = true;
  readonly #later: EventHandler;

  constructor(name: string, addr: MacAddr) {
    super(name, addr);
    this.flags = IFF_BROADCAST | IFF_NOARP;
    this.txQueueLen = TX_Q_LIMIT;
    this.minMtu = 0;
    this.maxMtu = 0;
    this.defaultQdisc = 'fq_codel';
    this.#later = { onEvent: (_kind, skb) => this.#giveBack(skb as SkBuff) };
  }

  /** `ifb_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len;
    if (skb.redirectedFrom === null) {
      this.stats.rxDropped++;
      this.drop(skb, 'not_specified');
    } else (this.netns as Netns).sim.schedule(0, this.#later, 0, skb);
  }

  /** A frame goes on where it was taken from: in at the device, or out of it. `ifb_ri_tasklet()` */
  #giveBack(skb: SkBuff): void {
    const dev = skb.redirectedFrom as NetDevice;
    skb.redirectedFrom = null;
    if (dev.netns === null || this.netns === null) {
      this.stats.txDropped++;
      this.drop(skb, 'not_specified');
      return;
    }
    this.stats.txPackets++;
    this.stats.txBytes += skb.len;
    skb.dev = dev;
    skb.tcSkipClassify = true;
    if (!skb.fromIngress) {
      dev.xmit(skb);
      return;
    }
    skb.pull(ETH_HLEN);
    dev.netns.receiveCore(skb);
  }
}
