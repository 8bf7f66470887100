import { isMulticastMac, MAC_ZERO } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import {
  ARPHRD_ETHER,
  type NetDevice,
  type PortOps,
  type RxHandler,
  setAllmulti,
  setPromiscuity,
} from '../link/index.ts';
import type { NetdevEvent } from '../netns/netdev-event.ts';
import { changePort, portData } from './attributes/index.ts';
import type { Bridge } from './bridge.ts';
import { handleFrame } from './input.ts';
import { BridgePort, portCost } from './port.ts';

/** Ports that one bridge can have. BR_MAX_PORTS */
const MAX_PORTS = 1023;

/** What a bridge's port gives its frames to. */
class PortRxHandler implements RxHandler {
  readonly #port: BridgePort;

  constructor(port: BridgePort) {
    this.#port = port;
  }

  handleFrame(skb: SkBuff): boolean {
    return handleFrame(this.#port.bridge, this.#port, skb);
  }
}

/** How devices become ports of a bridge and cease to be. Linux net/bridge/br_if.c, br.c. */
export class BridgePorts implements PortOps {
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** `br_add_if()` */
  add(dev: NetDevice): void {
    const bridge = this.#bridge;
    checkPort(dev);
    const port = new BridgePort(bridge, dev, this.#freeNo());
    bridge.stp.initPort(port);
    bridge.stp.setState(port, 'disabled');
    setAllmulti(dev, 1);
    dev.rxHandler = new PortRxHandler(port);
    dev.master = bridge;
    bridge.portList.unshift(port);
    setPromiscuity(dev, 1);
    bridge.fdb.addLocal(port, dev.addr);
    bridge.vlanFilter?.initPort(port);
    const changed = this.#chooseAddress();
    if (dev.isUp && dev.operUp && bridge.isUp) bridge.stp.enablePort(port);
    if (changed) bridge.netns?.notify(bridge, 'CHANGEADDR');
    this.#chooseMtu();
    bridge.tsoMaxSize = Math.min(...bridge.portList.map((p) => p.dev.tsoMaxSize));
  }

  /** `br_del_if()` */
  remove(dev: NetDevice): void {
    const bridge = this.#bridge;
    const port = bridge.portOf(dev);
    if (port === undefined) return;
    setAllmulti(dev, -1);
    setPromiscuity(dev, -1);
    bridge.stp.disablePort(port);
    bridge.portList.splice(bridge.portList.indexOf(port), 1);
    bridge.fdb.deletePort(port, true);
    bridge.mcast.removePort(port);
    for (const p of bridge.portList) if (p.backupPort === port) p.backupPort = null;
    dev.rxHandler = null;
    dev.master = null;
    this.#chooseMtu();
    if (this.#chooseAddress()) bridge.netns?.notify(bridge, 'CHANGEADDR');
  }

  data(dev: NetDevice): Readonly<Record<string, unknown>> {
    return portData(this.#portOf(dev));
  }

  change(dev: NetDevice, data: Readonly<Record<string, unknown>>): void {
    changePort(this.#portOf(dev), data);
  }

  /** `br_device_event()` */
  onEvent(dev: NetDevice, event: NetdevEvent): void {
    const { stp } = this.#bridge;
    const port = this.#portOf(dev);
    if (event === 'CHANGEMTU') this.#chooseMtu();
    else if (event === 'CHANGEADDR') this.#addressChanged(port);
    else if (event === 'CHANGE') this.#carrierChanged(port);
    else if (event === 'DOWN' && this.#bridge.isUp) stp.disablePort(port);
    else if (event === 'UP' && this.#bridge.isUp && dev.operUp) stp.enablePort(port);
    else if (event === 'UNREGISTER') this.remove(dev);
  }

  /** `br_port_carrier_check()` */
  #carrierChanged(port: BridgePort): void {
    const { dev, bridge } = port;
    if (!port.adminCost && dev.isUp) port.pathCost = portCost(dev);
    if (!bridge.isUp) return;
    if (dev.isUp && dev.operUp) {
      if (port.state === 'disabled') bridge.stp.enablePort(port);
    } else if (port.state !== 'disabled') bridge.stp.disablePort(port);
  }

  #addressChanged(port: BridgePort): void {
    this.#bridge.fdb.changeLocal(port, port.dev.addr);
    if (this.#chooseAddress()) this.#bridge.netns?.notify(this.#bridge, 'CHANGEADDR');
  }

  /** The lowest of the ports' addresses, unless one was set by hand. `br_stp_recalculate_bridge_id()` */
  #chooseAddress(): boolean {
    const bridge = this.#bridge;
    if (bridge.addrWasSet) return false;
    let addr = MAC_ZERO;
    for (const { dev } of bridge.portList)
      if (addr === MAC_ZERO || dev.addr < addr) addr = dev.addr;
    if (addr === bridge.stp.bridgeId.addr) return false;
    bridge.changeAddr(addr);
    return true;
  }

  /** The least of the ports' MTUs, unless one was set by hand. `br_mtu_auto_adjust()` */
  #chooseMtu(): void {
    const bridge = this.#bridge;
    if (!bridge.mtuFollowsPorts) return;
    const mtus = bridge.portList.map((p) => p.dev.mtu);
    const mtu = mtus.length === 0 ? 1500 : Math.min(...mtus);
    if (mtu === bridge.mtu) return;
    bridge.mtu = mtu;
    bridge.netns?.notify(bridge, 'CHANGEMTU');
  }

  /** `find_portno()` */
  #freeNo(): number {
    const used = new Set(this.#bridge.portList.map((p) => p.no));
    for (let no = 1; no <= MAX_PORTS; no++) if (!used.has(no)) return no;
    throw new KernelError('EXFULL');
  }

  #portOf(dev: NetDevice): BridgePort {
    return this.#bridge.portOf(dev) as BridgePort;
  }
}

/** What a bridge does not take. @throws {@link KernelError} EINVAL, ELOOP, EBUSY */
function checkPort(dev: NetDevice): void {
  const { addr } = dev;
  if (dev.arphrd !== ARPHRD_ETHER || addr === MAC_ZERO || isMulticastMac(addr))
    throw new KernelError('EINVAL');
  if (dev.linkType === 'bridge')
    throw new KernelError('ELOOP', 'Can not enslave a bridge to a bridge');
  if (dev.master !== null || dev.rxHandler !== null) throw new KernelError('EBUSY');
}
