import type { MacAddr } from '@labwire/core/addr';
import type { Nanos } from '@labwire/core/sim';
import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import { carrierOff, carrierOn } from '../link-state.ts';
import { NetDevice } from '../net-device.ts';
import type { Cable, CableEnd } from './cable.ts';

/** An Ethernet NIC: what the front matter of a lab calls an interface. No carrier before it is plugged in. */
export class Nic extends NetDevice implements CableEnd {
  override readonly linkType: undefined = undefined;
  override readonly vlanOffload: boolean = true;
  #cable: Cable | null = null;

  constructor(name: string, addr: MacAddr) {
    super(name, addr);
    this.carrier = false;
    this.operState = 'DOWN';
    this.speed = 10_000;
    this.tsoMaxSize = 524_280;
    this.numTxQueues = 2; // one per CPU, as on the two-CPU machine whose output Labwire follows
    this.numRxQueues = 2;
  }

  /** Puts a cable in, in place of what was there. */
  plug(cable: Cable): void {
    this.#cable = cable;
    this.canTso = cable.ideal;
    this.tso = cable.ideal && this.wantedFeatures?.get('tx-tcp-segmentation') !== false;
    cable.endChanged();
  }

  protected override startXmit(skb: SkBuff): void {
    const cable = this.#cable;
    if (cable === null) {
      this.stats.txDropped++;
      this.drop(skb, 'dev_ready');
      return;
    }
    const after = this.departure(skb);
    if (after < 0) {
      this.stats.txDropped++;
      this.drop(skb, 'qdisc_drop');
      return;
    }
    this.stats.txPackets++;
    this.stats.txBytes += skb.len;
    cable.send(this, skb, after);
  }

  /** In how long a frame that is sent now will be at the line; below 0 if there is no room for it. */
  protected departure(skb: SkBuff): Nanos {
    return this.latency(skb.len);
  }

  /** A frame has come out of the cable: of whatever was on the other machine only its bytes are left. */
  receive(skb: SkBuff): void {
    skb.dev = this;
    skb.pktType = PACKET_HOST;
    skb.mark = 0;
    skb.priority = 0;
    skb.dst = null;
    skb.sk = null;
    skb.ignoreDf = false;
    skb.ct = null;
    skb.ctinfo = 0;
    skb.nfBridge = null;
    if (!this.isUp || this.netns === null) {
      this.drop(skb, 'dev_ready');
      return;
    }
    if (!this.fits(skb)) {
      this.stats.rxDropped++;
      this.drop(skb, 'pkt_too_big');
      return;
    }
    this.stats.rxPackets++;
    this.stats.rxBytes += skb.len;
    this.netns.receive(skb);
  }

  carrierChanged(carrier: boolean): void {
    if (carrier) carrierOn(this);
    else carrierOff(this);
  }

  override open(): void {
    this.#cable?.endChanged();
  }

  override stop(): void {
    this.#cable?.endChanged();
  }
}
