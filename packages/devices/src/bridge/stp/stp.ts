import { type Nanos, SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import { carrierOff, carrierOn } from '../../link/index.ts';
import type { Bridge } from '../bridge.ts';
import type { BridgePort } from '../port.ts';
import { type ConfigBpdu, sendConfigBpdu, sendTcnBpdu } from './bpdu.ts';
import { type BridgeId, compareIds, NEW_BRIDGE_ID, sameId } from './bridge-id.ts';
import type { PortState } from './port-state.ts';
import { FORWARD_DELAY_TIMER, HOLD_TIMER, MESSAGE_AGE_TIMER } from './port-timers.ts';

/** Timers of the bridge, IEEE 802.1D-1998 section 8.5.4. */
export const HELLO_TIMER = 0;
export const TCN_TIMER = 1;
export const TOPOLOGY_CHANGE_TIMER = 2;

/** Least time between two configuration BPDUs of a port. Table 8-2 */
const HOLD_TIME: Nanos = SEC;
/** What one bridge adds to the age of a message. MESSAGE_AGE_INCR: one tick of the kernel's clock */
const MESSAGE_AGE_INCREMENT: Nanos = SEC / 250;

/**
 * The spanning tree protocol of one bridge, IEEE 802.1D-1998 clause 8; with it off, the part of it that sets
 * ports to forwarding. Every bridge thinks itself the root until a neighbour's configuration BPDU names a better
 * one; the port that leads there is the root port, a port whose own message would be the best on its link is
 * designated, the others block. Names and order are those of Linux net/bridge/br_stp.c.
 *
 * Read first: IEEE 802.1D-1998 sections 8.3 (what it does), 8.6 (its elements, one method each), 8.7 (when).
 * Not modelled: rapid spanning tree, and a daemon in user space that takes over.
 *
 * Timers: `hello` sends configuration BPDUs while root; `tcn` repeats a change notice until the root's port
 * acknowledges; `topology change` ends the root's announcement of a change. Per port: `message age` forgets a
 * neighbour that has fallen silent, `forward delay` leads from listening to learning to forwarding, `hold` spaces BPDUs.
 */
export class Stp implements TimerOwner {
  readonly #bridge: Bridge;
  enabled = false;
  bridgeId: BridgeId = NEW_BRIDGE_ID;
  designatedRoot: BridgeId = NEW_BRIDGE_ID;
  rootPathCost = 0;
  /** Number of the port towards the root; 0 on the root. */
  rootPort = 0;
  /** In force: the root's. */
  maxAge: Nanos = 20 * SEC;
  helloTime: Nanos = 2 * SEC;
  forwardDelay: Nanos = 15 * SEC;
  ageingTime: Nanos = 300 * SEC;
  /** Its own, in force while it is the root. */
  bridgeMaxAge: Nanos = 20 * SEC;
  bridgeHelloTime: Nanos = 2 * SEC;
  bridgeForwardDelay: Nanos = 15 * SEC;
  bridgeAgeingTime: Nanos = 300 * SEC;
  topologyChange = false;
  topologyChangeDetected = false;
  readonly #timers: [Timer | null, Timer | null, Timer | null] = [null, null, null];

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** `br_is_root_bridge()` */
  get isRoot(): boolean {
    return sameId(this.bridgeId, this.designatedRoot);
  }

  /** How long a learnt address is kept: shorter while the topology changes. `hold_time()` */
  get holdTime(): Nanos {
    return this.topologyChange ? this.forwardDelay : this.ageingTime;
  }

  /** When a timer expires, Nanos; -1 if it is not armed. */
  deadline(kind: 0 | 1 | 2): Nanos {
    return this.#timers[kind]?.deadline ?? -1;
  }

  /** `br_stp_set_enabled()` */
  setEnabled(enabled: boolean): void {
    if (this.enabled === enabled) return;
    this.enabled = enabled;
    if (enabled) {
      this.bridgeForwardDelay = Math.min(Math.max(this.bridgeForwardDelay, 2 * SEC), 30 * SEC);
      if (this.isRoot) this.forwardDelay = this.bridgeForwardDelay;
      if (this.#bridge.isUp) this.#timer(HELLO_TIMER).arm(this.helloTime);
    } else this.#stopTimer(HELLO_TIMER);
    this.portStateSelection();
  }

  /** The bridge device has been set up. `br_stp_enable_bridge()` */
  enableBridge(): void {
    if (this.enabled) this.#timer(HELLO_TIMER).arm(this.helloTime);
    this.configBpduGeneration();
    for (const p of this.#bridge.portList) if (p.dev.isUp && p.dev.operUp) this.enablePort(p);
  }

  /** The bridge device is being set down. `br_stp_disable_bridge()` */
  disableBridge(): void {
    for (const p of this.#bridge.portList) if (p.state !== 'disabled') this.disablePort(p);
    this.topologyChange = false;
    this.topologyChangeDetected = false;
    for (const kind of [HELLO_TIMER, TCN_TIMER, TOPOLOGY_CHANGE_TIMER] as const)
      this.#stopTimer(kind);
  }

  /** `br_init_port()` */
  initPort(p: BridgePort): void {
    this.becomeDesignatedPort(p);
    this.setState(p, 'blocking');
    p.topologyChangeAck = false;
    p.configPending = false;
  }

  /** `br_stp_enable_port()` */
  enablePort(p: BridgePort): void {
    this.initPort(p);
    this.portStateSelection();
  }

  /** `br_stp_disable_port()` */
  disablePort(p: BridgePort): void {
    const wasRoot = this.isRoot;
    this.becomeDesignatedPort(p);
    this.setState(p, 'disabled');
    p.topologyChangeAck = false;
    p.configPending = false;
    for (const kind of [MESSAGE_AGE_TIMER, FORWARD_DELAY_TIMER, HOLD_TIMER] as const)
      p.stopTimer(kind);
    if (p.backupPort === null) this.#bridge.fdb.deletePort(p, false);
    this.#bridge.mcast.disablePort(p);
    this.configurationUpdate();
    this.portStateSelection();
    if (this.isRoot && !wasRoot) this.becomeRootBridge();
  }

  /** Sets a port's state and says so in the kernel's log. `br_set_state()` */
  setState(p: BridgePort, state: PortState): void {
    p.state = state;
    this.#log(`${p} entered ${state} state`);
  }

  /** The bridge's address becomes another. `br_stp_change_bridge_id()` */
  changeBridgeId(id: BridgeId): void {
    const wasRoot = this.isRoot;
    const old = this.bridgeId;
    this.bridgeId = id;
    for (const p of this.#bridge.portList) {
      if (p.designatedBridge.addr === old.addr)
        p.designatedBridge = { prio: p.designatedBridge.prio, addr: id.addr };
      if (p.designatedRoot.addr === old.addr)
        p.designatedRoot = { prio: p.designatedRoot.prio, addr: id.addr };
    }
    this.#reconfigure(wasRoot);
  }

  /** `br_stp_set_bridge_priority()` */
  setBridgePriority(prio: number): void {
    const wasRoot = this.isRoot;
    for (const p of this.#bridge.portList)
      if (p.state !== 'disabled' && p.isDesignated)
        p.designatedBridge = { prio, addr: p.designatedBridge.addr };
    this.bridgeId = { prio, addr: this.bridgeId.addr };
    this.#reconfigure(wasRoot);
  }

  /** `br_stp_set_port_priority()` @param priority 0 to 63 */
  setPortPriority(p: BridgePort, priority: number): void {
    const wasDesignated = p.isDesignated;
    p.priority = priority;
    if (wasDesignated) p.designatedPort = p.id;
    if (!sameId(this.bridgeId, p.designatedBridge) || p.id >= p.designatedPort) return;
    this.becomeDesignatedPort(p);
    this.portStateSelection();
  }

  /** `br_stp_set_path_cost()` */
  setPathCost(p: BridgePort, cost: number): void {
    p.adminCost = true;
    p.pathCost = cost;
    this.configurationUpdate();
    this.portStateSelection();
  }

  #reconfigure(wasRoot: boolean): void {
    this.configurationUpdate();
    this.portStateSelection();
    if (this.isRoot && !wasRoot) this.becomeRootBridge();
  }

  /** Whether what a port knows leads to the root better than what `best` knows. `br_should_become_root_port()` */
  #isBetterRootPort(p: BridgePort, best: BridgePort | undefined): boolean {
    if (p.state === 'disabled' || p.isDesignated) return false;
    if (compareIds(this.bridgeId, p.designatedRoot) <= 0) return false;
    if (best === undefined) return true;
    const order =
      compareIds(p.designatedRoot, best.designatedRoot) ||
      p.designatedCost + p.pathCost - (best.designatedCost + best.pathCost) ||
      compareIds(p.designatedBridge, best.designatedBridge) ||
      p.designatedPort - best.designatedPort ||
      p.id - best.id;
    return order < 0;
  }

  /** 802.1D section 8.6.8. `br_root_selection()` */
  #rootSelection(): void {
    let best: BridgePort | undefined;
    for (const p of this.#bridge.portList) {
      if (!this.#isBetterRootPort(p, best)) continue;
      if (p.rootBlock) this.#blockRootPort(p);
      else best = p;
    }
    this.rootPort = best?.no ?? 0;
    this.designatedRoot = best?.designatedRoot ?? this.bridgeId;
    this.rootPathCost = best === undefined ? 0 : best.designatedCost + best.pathCost;
  }

  /** `br_root_port_block()` */
  #blockRootPort(p: BridgePort): void {
    this.#log(`${p} tried to become root port (blocked)`);
    p.state = 'listening';
    if (this.forwardDelay > 0) p.timer(FORWARD_DELAY_TIMER).arm(this.forwardDelay);
  }

  /** 802.1D section 8.6.9. `br_should_become_designated_port()` */
  #shouldBecomeDesignated(p: BridgePort): boolean {
    if (p.isDesignated || !sameId(p.designatedRoot, this.designatedRoot)) return true;
    const order =
      this.rootPathCost - p.designatedCost ||
      compareIds(this.bridgeId, p.designatedBridge) ||
      p.id - p.designatedPort;
    return order < 0;
  }

  /** 802.1D section 8.6.7. `br_configuration_update()` */
  configurationUpdate(): void {
    this.#rootSelection();
    for (const p of this.#bridge.portList)
      if (p.state !== 'disabled' && this.#shouldBecomeDesignated(p)) this.becomeDesignatedPort(p);
  }

  /** 802.1D section 8.6.10. `br_become_designated_port()` */
  becomeDesignatedPort(p: BridgePort): void {
    p.designatedRoot = this.designatedRoot;
    p.designatedCost = this.rootPathCost;
    p.designatedBridge = this.bridgeId;
    p.designatedPort = p.id;
  }

  /** 802.1D section 8.6.11; and the bridge has a carrier while a port forwards. `br_port_state_selection()` */
  portStateSelection(): void {
    let live = 0;
    for (const p of this.#bridge.portList) {
      if (p.state === 'disabled') continue;
      if (p.no === this.rootPort) this.#makeForwarding(p);
      else if (p.isDesignated) {
        p.stopTimer(MESSAGE_AGE_TIMER);
        this.#makeForwarding(p);
      } else this.#makeBlocking(p);
      if (p.state !== 'blocking') this.#bridge.mcast.enablePort(p);
      if (p.state === 'forwarding') live++;
    }
    if (live === 0) carrierOff(this.#bridge);
    else carrierOn(this.#bridge);
  }

  /** 802.1D section 8.6.12. `br_make_forwarding()` */
  #makeForwarding(p: BridgePort): void {
    if (p.no === this.rootPort) {
      p.configPending = false;
      p.topologyChangeAck = false;
    }
    if (p.state !== 'blocking') return;
    if (!this.enabled || this.forwardDelay === 0) {
      this.setState(p, 'forwarding');
      this.topologyChangeDetection();
      p.stopTimer(FORWARD_DELAY_TIMER);
    } else this.setState(p, 'listening');
    if (this.forwardDelay !== 0) p.timer(FORWARD_DELAY_TIMER).arm(this.forwardDelay);
  }

  /** 802.1D section 8.6.13. `br_make_blocking()` */
  #makeBlocking(p: BridgePort): void {
    p.configPending = false;
    p.topologyChangeAck = false;
    if (p.state === 'blocking') return;
    if (p.state === 'forwarding' || p.state === 'learning') this.topologyChangeDetection();
    this.setState(p, 'blocking');
    p.stopTimer(FORWARD_DELAY_TIMER);
  }

  /** `br_become_root_bridge()` */
  becomeRootBridge(): void {
    this.#bridge.fdb.expire();
    this.maxAge = this.bridgeMaxAge;
    this.helloTime = this.bridgeHelloTime;
    this.forwardDelay = this.bridgeForwardDelay;
    this.topologyChangeDetection();
    this.#stopTimer(TCN_TIMER);
    if (!this.#bridge.isUp) return;
    this.configBpduGeneration();
    if (this.enabled) this.#timer(HELLO_TIMER).arm(this.helloTime);
  }

  /** 802.1D section 8.6.4. `br_config_bpdu_generation()` */
  configBpduGeneration(): void {
    for (const p of this.#bridge.portList)
      if (p.state !== 'disabled' && p.isDesignated) this.transmitConfig(p);
  }

  /** 802.1D section 8.6.1. `br_transmit_config()` */
  transmitConfig(p: BridgePort): void {
    if (!this.enabled) return;
    if (p.deadline(HOLD_TIMER) >= 0) {
      p.configPending = true;
      return;
    }
    const messageAge = this.#messageAge();
    if (messageAge >= this.maxAge) return;
    sendConfigBpdu(p, messageAge);
    p.topologyChangeAck = false;
    p.configPending = false;
    p.timer(HOLD_TIMER).arm(HOLD_TIME);
  }

  #messageAge(): Nanos {
    const root = this.#bridge.portByNo(this.rootPort);
    if (root === undefined) return 0;
    return this.#bridge.clock.now - root.designatedAge + MESSAGE_AGE_INCREMENT;
  }

  /** A configuration BPDU has come in. 802.1D section 8.7.1. `br_received_config_bpdu()` */
  receivedConfig(p: BridgePort, bpdu: ConfigBpdu): void {
    if (!this.#supersedes(p, bpdu)) {
      if (p.isDesignated) this.transmitConfig(p);
      return;
    }
    const wasRoot = this.isRoot;
    this.#recordConfig(p, bpdu);
    this.configurationUpdate();
    this.portStateSelection();
    if (!this.isRoot && wasRoot) this.#lostRoot();
    if (p.no === this.rootPort) this.#followRoot(bpdu);
  }

  #lostRoot(): void {
    this.#stopTimer(HELLO_TIMER);
    if (!this.topologyChangeDetected) return;
    this.#stopTimer(TOPOLOGY_CHANGE_TIMER);
    this.#transmitTcn();
  }

  /** `br_record_config_timeout_values()` and what the root's message calls for. */
  #followRoot(bpdu: ConfigBpdu): void {
    this.#bridge.fdb.expire();
    this.maxAge = bpdu.maxAge;
    this.helloTime = bpdu.helloTime;
    this.forwardDelay = bpdu.forwardDelay;
    this.#setTopologyChange(bpdu.topologyChange);
    this.configBpduGeneration();
    if (!bpdu.topologyChangeAck) return;
    this.topologyChangeDetected = false;
    this.#stopTimer(TCN_TIMER);
  }

  /** 802.1D section 8.6.2. `br_supersedes_port_info()` */
  #supersedes(p: BridgePort, bpdu: ConfigBpdu): boolean {
    const order =
      compareIds(bpdu.root, p.designatedRoot) ||
      bpdu.rootPathCost - p.designatedCost ||
      compareIds(bpdu.bridge, p.designatedBridge);
    if (order !== 0) return order < 0;
    return !sameId(bpdu.bridge, this.bridgeId) || bpdu.portId <= p.designatedPort;
  }

  /** 802.1D section 8.6.2. `br_record_config_information()` */
  #recordConfig(p: BridgePort, bpdu: ConfigBpdu): void {
    p.designatedRoot = bpdu.root;
    p.designatedCost = bpdu.rootPathCost;
    p.designatedBridge = bpdu.bridge;
    p.designatedPort = bpdu.portId;
    p.designatedAge = this.#bridge.clock.now - bpdu.messageAge;
    p.timer(MESSAGE_AGE_TIMER).arm(bpdu.maxAge - bpdu.messageAge);
  }

  /** A topology change notice has come in. 802.1D section 8.7.2. `br_received_tcn_bpdu()` */
  receivedTcn(p: BridgePort): void {
    if (!p.isDesignated) return;
    this.#log(`${p} received tcn bpdu`);
    this.topologyChangeDetection();
    p.topologyChangeAck = true;
    this.transmitConfig(p);
  }

  /** 802.1D section 8.6.14. `br_topology_change_detection()` */
  topologyChangeDetection(): void {
    if (!this.enabled) return;
    const { isRoot } = this;
    this.#log(`topology change detected, ${isRoot ? 'propagating' : 'sending tcn bpdu'}`);
    if (isRoot) {
      this.#setTopologyChange(true);
      this.#timer(TOPOLOGY_CHANGE_TIMER).arm(this.bridgeForwardDelay + this.bridgeMaxAge);
    } else if (!this.topologyChangeDetected) this.#transmitTcn();
    this.topologyChangeDetected = true;
  }

  #transmitTcn(): void {
    const root = this.#bridge.portByNo(this.rootPort);
    if (root !== undefined) sendTcnBpdu(root);
    this.#timer(TCN_TIMER).arm(this.bridgeHelloTime);
  }

  /** While it changes, addresses age sooner. `__br_set_topology_change()` */
  #setTopologyChange(changes: boolean): void {
    if (this.topologyChange !== changes) this.#bridge.fdb.expire();
    if (this.enabled && this.topologyChange !== changes)
      this.ageingTime = changes ? 2 * this.forwardDelay : this.bridgeAgeingTime;
    this.topologyChange = changes;
  }

  /** 802.1D sections 8.7.3 to 8.7.6. Linux net/bridge/br_stp_timer.c. */
  onTimer(kind: number): void {
    if (kind === TOPOLOGY_CHANGE_TIMER) {
      this.topologyChangeDetected = false;
      this.#setTopologyChange(false);
    } else if (!this.#bridge.isUp) return;
    else if (kind === HELLO_TIMER) {
      this.configBpduGeneration();
      if (this.enabled) this.#timer(HELLO_TIMER).arm(this.helloTime);
    } else if (!this.isRoot) this.#transmitTcn();
  }

  /** A port's timer has expired. */
  onPortTimer(p: BridgePort, kind: number): void {
    if (kind === HOLD_TIMER) {
      if (p.configPending) this.transmitConfig(p);
    } else if (kind === FORWARD_DELAY_TIMER) this.#forwardDelayExpired(p);
    else if (p.state !== 'disabled') this.#messageAgeExpired(p);
  }

  /** 802.1D section 8.7.5. `br_forward_delay_timer_expired()` */
  #forwardDelayExpired(p: BridgePort): void {
    if (p.state === 'listening') {
      this.setState(p, 'learning');
      p.timer(FORWARD_DELAY_TIMER).arm(this.forwardDelay);
    } else if (p.state === 'learning') {
      this.setState(p, 'forwarding');
      if (this.#bridge.portList.some((q) => sameId(q.designatedBridge, this.bridgeId)))
        this.topologyChangeDetection();
      carrierOn(this.#bridge);
    }
  }

  /** 802.1D section 8.7.4. `br_message_age_timer_expired()` */
  #messageAgeExpired(p: BridgePort): void {
    const { prio, addr } = p.designatedBridge;
    const hex = (v: number, digits: number) => v.toString(16).padStart(digits, '0');
    const text = hex(addr, 12).replace(/(..)(?!$)/g, '$1:');
    this.#log(`${p} neighbor ${hex(prio, 4)}.${text} lost`);
    const wasRoot = this.isRoot;
    this.becomeDesignatedPort(p);
    this.#reconfigure(wasRoot);
  }

  #log(text: string): void {
    this.#bridge.log(text);
  }

  #timer(kind: 0 | 1 | 2): Timer {
    return (this.#timers[kind] ??= new Timer(this.#bridge.clock, this, kind));
  }

  #stopTimer(kind: 0 | 1 | 2): void {
    this.#timers[kind]?.cancel();
  }
}
