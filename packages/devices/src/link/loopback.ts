import { MAC_ZERO } from '@labwire/core/addr';
import type { SkBuff } from '@labwire/core/skb';
import { ARPHRD_LOOPBACK, ETH_HLEN, IFF_LOOPBACK, NetDevice } from './net-device.ts';

/** `lo`: what it sends comes back in. Linux drivers/net/loopback.c. */
export class Loopback extends NetDevice {
  override readonly linkType: undefined = undefined;
  override readonly netnsImmutable: boolean = true;
  override readonly arphrd: number = ARPHRD_LOOPBACK;

  constructor() {
    super('lo', MAC_ZERO);
    this.flags = IFF_LOOPBACK;
    this.broadcast = MAC_ZERO;
    this.tsoMaxSize = 524_280;
    this.tso = true;
    this.canTso = true;
    this.mtu = 65_536;
    this.minMtu = 0;
    this.maxMtu = 0;
  }

  /** `loopback_xmit()`: keeps mark, route and connection; counts the bytes behind the Ethernet header. */
  protected override startXmit(skb: SkBuff): void {
    const bytes = skb.len - ETH_HLEN;
    skb.sk = null;
    if (!this.arrive(skb, this.latency(bytes))) return;
    const { stats } = this;
    stats.rxPackets++;
    stats.txPackets++;
    stats.rxBytes += bytes;
    stats.txBytes += bytes;
  }
}
