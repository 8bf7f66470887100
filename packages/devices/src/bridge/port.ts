import { Timer, type TimerOwner } from '@labwire/core/sim';
import type { NetDevice } from '../link/index.ts';
import type { Bridge } from './bridge.ts';
import { PortMulticast } from './multicast/port-multicast.ts';
import { BridgedFrame } from './netfilter/bridged-frame.ts';
import { type BridgeId, type PortState, sameId } from './stp/index.ts';
import { VlanMembership } from './vlans.ts';

/** One port of a bridge. Linux `struct net_bridge_port`. */
export class BridgePort implements TimerOwner {
  readonly bridge: Bridge;
  readonly dev: NetDevice;
  /** 1 to 1023. */
  readonly no: number;
  state: PortState = 'disabled';
  /** 0 to 63. */
  priority = 32;
  pathCost: number;
  /** The cost was set by hand. BR_ADMIN_COST */
  adminCost = false;
  // What it does with frames. BR_HAIRPIN_MODE, BR_LEARNING, BR_FLOOD, …
  hairpin = false;
  learning = true;
  flood = true;
  mcastFlood = true;
  bcastFlood = true;
  mcastToUnicast = false;
  /** Who leaves a group is taken at its word. BR_MULTICAST_FAST_LEAVE */
  fastLeave = false;
  /** Frames from addresses that are not behind it by hand are dropped. BR_PORT_LOCKED */
  locked = false;
  // Who is answered for: whoever asks here, hosts behind here, hosts behind here whom nobody needs to ask. BR_PROXYARP, …
  proxyArp = false;
  proxyArpWifi = false;
  neighSuppress = false;
  /** The port that frames take while this one has no carrier. */
  backupPort: BridgePort | null = null;
  isolated = false;
  /** BPDUs set the port down. BR_BPDU_GUARD */
  guard = false;
  /** May not become the root port. BR_ROOT_BLOCK */
  rootBlock = false;
  /** Reserved group addresses that it forwards nevertheless, by the bits of their last digit. */
  groupFwdMask = 0;
  // What it knows of the designated bridge of its link. IEEE 802.1D-1998 section 8.5.5.
  designatedRoot: BridgeId;
  designatedBridge: BridgeId;
  designatedCost = 0;
  designatedPort = 0;
  /** When the information was fresh at the root, Nanos. */
  designatedAge = 0;
  topologyChangeAck = false;
  configPending = false;
  readonly #timers: [Timer | null, Timer | null, Timer | null] = [null, null, null];

  /** The VLANs that it is in, of a bridge that knows of them. */
  readonly vlans: VlanMembership = new VlanMembership();
  /** What snooping knows of it. */
  readonly mcast: PortMulticast = new PortMulticast();
  /** What bridge netfilter notes of frames that come in here. */
  readonly bridgedFrame: BridgedFrame;

  constructor(bridge: Bridge, dev: NetDevice, no: number) {
    this.bridge = bridge;
    this.dev = dev;
    this.no = no;
    this.bridgedFrame = new BridgedFrame(dev, null, true);
    this.pathCost = portCost(dev);
    this.designatedRoot = bridge.stp.designatedRoot;
    this.designatedBridge = bridge.stp.bridgeId;
  }

  /** Priority and number in 16 bits. `br_make_port_id()` */
  get id(): number {
    return (this.priority << 10) | this.no;
  }

  /** `br_is_designated_port()` */
  get isDesignated(): boolean {
    return (
      this.designatedPort === this.id && sameId(this.designatedBridge, this.bridge.stp.bridgeId)
    );
  }

  /** As the kernel's messages name it. */
  toString(): string {
    return `port ${this.no}(${this.dev.name})`;
  }

  /** One of its timers. */
  timer(kind: 0 | 1 | 2): Timer {
    return (this.#timers[kind] ??= new Timer(this.bridge.clock, this, kind));
  }

  /** Stops a timer, if it was ever made. */
  stopTimer(kind: 0 | 1 | 2): void {
    this.#timers[kind]?.cancel();
  }

  /** When a timer expires, Nanos; -1 if it is not armed. */
  deadline(kind: 0 | 1 | 2): number {
    return this.#timers[kind]?.deadline ?? -1;
  }

  onTimer(kind: number): void {
    this.bridge.stp.onPortTimer(this, kind);
  }
}

/** The path cost of a link's speed. `port_cost()` */
export function portCost(dev: NetDevice): number {
  switch (dev.speed) {
    case 10_000:
      return 2;
    case 5000:
      return 3;
    case 2500:
      return 4;
    case 1000:
      return 5;
    case 100:
      return 19;
    default:
      return dev.speed > 10_000 ? 1 : 100;
  }
}
