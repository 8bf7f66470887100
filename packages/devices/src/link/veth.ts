import type { MacAddr } from '@labwire/core/addr';
import type { SkBuff } from '@labwire/core/skb';
import type { Netns } from '../netns/netns.ts';
import { carrierOff, carrierOn } from './link-state.ts';
import { NetDevice } from './net-device.ts';
import { allocName, registerNetdevice, unregisterNetdevice } from './register.ts';
import { scrub } from './scrub.ts';

/** Where one end of a veth pair goes. */
export interface VethEnd {
  readonly netns: Netns;
  readonly name: string;
  /** Default: a random one. */
  readonly addr?: MacAddr;
  /** Default: the next. */
  readonly ifindex?: number;
}

/** One end of a virtual Ethernet cable. Linux drivers/net/veth.c. */
export class Veth extends NetDevice {
  override readonly linkType = 'veth';
  override readonly vlanOffload: boolean = true;
  #peer: Veth | null = null;

  constructor(name: string, addr: MacAddr) {
    super(name, addr);
    this.numTxQueues = 2; // one per CPU, as on the two-CPU machine whose output Labwire follows
    this.numRxQueues = 2;
    this.tsoMaxSize = 524_280;
    this.tso = true;
    this.canTso = true;
    this.speed = 10_000;
  }

  /**
   * Makes both ends and registers them, the peer first: it gets the lower index. `veth_newlink()`
   * @throws KernelError: EEXIST if a name is taken, EBUSY if an index is
   */
  static createPair(end: VethEnd, peerEnd: VethEnd): readonly [dev: Veth, peer: Veth] {
    const peer = register(peerEnd);
    let dev: Veth;
    try {
      dev = register(end);
    } catch (e) {
      unregisterNetdevice(peer);
      throw e;
    }
    dev.#peer = peer;
    peer.#peer = dev;
    end.netns.kernel.linkwatch.hold(() => {
      carrierOff(peer);
      carrierOff(dev);
    });
    return [dev, peer];
  }

  /** The other end. */
  override get linkDevice(): NetDevice | null {
    return this.#peer;
  }

  /** `veth_xmit()` */
  protected override startXmit(skb: SkBuff): void {
    const peer = this.#peer;
    if (peer === null) {
      this.stats.txDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    const bytes = skb.len;
    scrub(skb, peer.netns !== this.netns);
    if (!peer.arrive(skb, this.latency(bytes))) {
      this.stats.txDropped++;
      return;
    }
    this.stats.txPackets++;
    this.stats.txBytes += bytes;
    peer.stats.rxPackets++;
    peer.stats.rxBytes += bytes;
  }

  override open(): void {
    if (this.#peer?.isUp !== true) return;
    carrierOn(this);
    carrierOn(this.#peer);
  }

  override stop(): void {
    carrierOff(this);
    if (this.#peer !== null) carrierOff(this.#peer);
  }

  override uninit(): void {
    const peer = this.#peer;
    if (peer === null) return;
    this.#peer = null;
    peer.#peer = null;
    unregisterNetdevice(peer);
  }
}

function register(end: VethEnd): Veth {
  const { netns } = end;
  const dev = new Veth(allocName(netns, end.name), end.addr ?? netns.kernel.randomMac());
  dev.addrWasSet = end.addr !== undefined;
  registerNetdevice(netns, dev, end.ifindex);
  return dev;
}
