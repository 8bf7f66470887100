import type { NetDevice } from '../../link/index.ts';
import type { BridgePort } from '../port.ts';

/**
 * What bridge netfilter notes of a frame: `skb.nfBridge`. One object stands for all frames that went the same way, so
 * that noting it costs nothing. Linux include/linux/skbuff.h, `struct nf_bridge_info`.
 */
export class BridgedFrame {
  /** The port that it came in by. */
  readonly physin: NetDevice;
  /** The port that it is to leave by; null before that is known, and for what does not leave by a port. */
  readonly physout: NetDevice | null;
  /** Whether PRE_ROUTING has seen it and the next IP layer that takes it in shall not show it again. */
  readonly preRouted: boolean;
  readonly #taken: BridgedFrame;
  readonly #outs = new WeakMap<NetDevice, BridgedFrame>();

  constructor(physin: NetDevice, physout: NetDevice | null, preRouted: boolean) {
    this.physin = physin;
    this.physout = physout;
    this.preRouted = preRouted;
    this.#taken = preRouted ? new BridgedFrame(physin, physout, false) : this;
  }

  /** The same, once an IP layer has taken it in. `sabotage_in_done` */
  get taken(): BridgedFrame {
    return this.#taken;
  }

  /** The same, on its way out by a port. */
  to(out: NetDevice): BridgedFrame {
    return this.#outs.get(out) ?? this.#newTo(out);
  }

  #newTo(out: NetDevice): BridgedFrame {
    const frame = new BridgedFrame(this.physin, out, this.preRouted);
    this.#outs.set(out, frame);
    return frame;
  }
}

/**
 * A frame whose destination was translated to a host behind the same bridge, while that host's address is asked for:
 * the bridge gets it back from there with another Ethernet header. `bridged_dnat`, `neigh_header`
 */
export class BridgedDnat extends BridgedFrame {
  readonly port: BridgePort;
  /** The source address that the frame had, in two halves. */
  readonly srcHi: number;
  readonly srcLo: number;

  constructor(port: BridgePort, srcHi: number, srcLo: number) {
    super(port.dev, null, true);
    this.port = port;
    this.srcHi = srcHi;
    this.srcLo = srcLo;
  }
}
