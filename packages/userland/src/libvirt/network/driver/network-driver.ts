import type { MacAddr } from '@labwire/core/addr';
import type { Process } from '../../../machine/index.ts';
import { generateUuid, LibvirtError } from '../../base/index.ts';
import {
  formatNetwork,
  isIpv4,
  type NetworkDef,
  type NetworkUpdate,
  parseNetwork,
  servesDhcp,
  updatedNetwork,
  VIRTUAL_MODES,
  validateNetwork,
} from '../conf/index.ts';
import { DnsmasqRunner } from '../dnsmasq/index.ts';
import { NetworkFirewall } from '../firewall/index.ts';
import { type NetworkLease, networkLeases } from '../leases/index.ts';
import { NetworkBridge } from './bridge.ts';
import { connectionsOf } from './connections.ts';
import { Network, type NetworkPort } from './network.ts';
import { NetworkList } from './network-list.ts';
import { type NetworkParts, startNetwork, stopNetwork } from './start.ts';
import { NetworkStore } from './store.ts';

/** Where MACs of bridges begin: 52:54:00, QEMU's. */
const MAC_PREFIX = 0x52_54_00;

/** Whom a change is for: what runs, what is defined, or neither said. */
export interface Affected {
  readonly live: boolean;
  readonly config: boolean;
}

/** Sections that a running dnsmasq can only take over by a new start. */
const NEW_START: readonly string[] = [
  'bridge',
  'domain',
  'ip',
  'ip-dhcp-range',
  'dns-txt',
  'dns-srv',
];
/** Sections that the firewall's rules may depend on. */
const NEW_RULES: readonly string[] = [
  'forward',
  'forward-interface',
  'ip',
  'ip-dhcp-range',
  'ip-dhcp-host',
];

/** libvirt's networks of one machine. libvirt src/network/bridge_driver.c */
export class NetworkDriver {
  readonly list: NetworkList = new NetworkList();
  readonly #parts: NetworkParts;
  readonly #store: NetworkStore;

  constructor(proc: Process) {
    this.#parts = {
      proc,
      firewall: new NetworkFirewall(proc),
      dnsmasq: new DnsmasqRunner(proc),
    };
    this.#store = new NetworkStore(proc.fs);
  }

  get #random() {
    return this.#parts.proc.machine.kernel.random;
  }

  #newUuid(): string {
    return generateUuid(this.#random);
  }

  /** Reads what is defined and what runs, and starts what is to start. networkStateInitialize() */
  async start(): Promise<void> {
    const { proc } = this.#parts;
    const firstTime = this.#store.openStateDir(proc.pid);
    const newUuid = () => this.#newUuid();
    for (const def of this.#store.loadStates(newUuid)) this.#addRunning(def);
    for (const def of this.#store.loadConfigs(newUuid)) this.#addDefined(def);
    await this.#takeOver();
    if (!firstTime) return;
    for (const network of this.list.all())
      if (network.autostart && !network.active) await this.#startUnlessRefused(network);
  }

  #addRunning(def: NetworkDef): void {
    const network = new Network(def, false);
    network.active = isThere(this.#parts.proc, def);
    if (!network.active) return;
    for (const port of this.#store.loadPorts(def.name)) network.ports.set(port.uuid, port);
    this.list.add(network);
  }

  /** virNetworkLoadConfig() */
  #addDefined(def: NetworkDef): void {
    if (!def.uuidSpecified || (VIRTUAL_MODES.includes(def.forward.mode) && def.mac === undefined)) {
      if (VIRTUAL_MODES.includes(def.forward.mode)) def.mac ??= this.#newMac();
      this.#store.saveConfig(def);
    }
    const known = this.list.find(def.name);
    const network = known ?? new Network(def, true);
    network.define(def);
    network.autostart = this.#store.startsByItself(def.name);
    this.list.add(network);
  }

  /** Rules and daemons of what runs already. networkReloadFirewallRules(), networkRefreshDaemons() */
  async #takeOver(): Promise<void> {
    const { firewall, dnsmasq } = this.#parts;
    const running = this.list.all().filter((n) => n.active && isVirtual(n.def));
    for (const network of running.filter((n) => n.def.forward.mode !== 'open')) {
      await firewall.setup();
      await firewall.remove(network.def);
      await this.#unlessRefused(() => firewall.add(network.def));
    }
    for (const network of running)
      await this.#unlessRefused(async () => {
        const pid = dnsmasq.runningPid(network.def);
        network.dnsmasqPid = await dnsmasq.refresh(network.def, pid);
      });
  }

  async #startUnlessRefused(network: Network): Promise<void> {
    await this.#unlessRefused(() => this.startNetwork(network));
  }

  /** What fails at the daemon's start is only logged. */
  async #unlessRefused(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (e) {
      if (!(e instanceof LibvirtError)) throw e;
    }
  }

  #newMac(): MacAddr {
    const [a, b, c] = [1, 2, 3].map(() => this.#random.below(256)) as [number, number, number];
    return (MAC_PREFIX * 0x100_0000 + a * 0x1_0000 + b * 0x100 + c) as MacAddr;
  }

  #parse(xml: string): NetworkDef {
    const def = parseNetwork(xml, () => this.#newUuid());
    if (isVirtual(def)) {
      this.list.nameBridge(def, this.#parts.proc.netns);
      def.mac ??= this.#newMac();
    }
    validateNetwork(def);
    return def;
  }

  /** Defines a network, or defines it anew. virNetworkDefineXML() @returns its name @throws LibvirtError */
  define(xml: string): string {
    const def = this.#parse(xml);
    const network = this.list.matching(def, false) ?? new Network(def, true);
    network.define(def);
    this.list.add(network);
    this.#store.saveConfig(def);
    return def.name;
  }

  /** Makes and starts a network that is forgotten when it ends. virNetworkCreateXML() @returns its name @throws LibvirtError */
  async create(xml: string): Promise<string> {
    const def = this.#parse(xml);
    const known = this.list.matching(def, true);
    const network = known ?? new Network(def, false);
    if (known !== undefined) {
      known.newDef = known.def;
      known.def = def;
    }
    this.list.add(network);
    try {
      await this.startNetwork(network);
    } catch (e) {
      if (!network.persistent) this.list.remove(network);
      throw e;
    }
    return def.name;
  }

  /** Starts a network. virNetworkCreate() @throws LibvirtError */
  async startNetwork(network: Network): Promise<void> {
    if (network.active) throw new LibvirtError('operation-invalid', 'network is already active');
    network.began();
    try {
      await startNetwork(this.#parts, network);
    } catch (e) {
      network.ended();
      throw e;
    }
    network.active = true;
    this.#store.saveState(network);
  }

  /** Ends a network. virNetworkDestroy() @throws LibvirtError */
  async destroy(network: Network): Promise<void> {
    if (!network.active)
      throw new LibvirtError('operation-invalid', `network '${network.def.name}' is not active`);
    const { def } = network;
    this.#store.removeState(def.name);
    await stopNetwork(this.#parts, network);
    network.ended();
    for (const uuid of [...network.ports.keys()]) this.removePort(network, uuid);
    if (!network.persistent) this.#forget(network);
  }

  #forget(network: Network): void {
    this.#parts.dnsmasq.removeFiles(network.persistentDef);
    this.list.remove(network);
  }

  /** Forgets a definition; what runs goes on. virNetworkUndefine() @throws LibvirtError */
  undefine(network: Network): void {
    if (!network.persistent)
      throw new LibvirtError('operation-invalid', "can't undefine transient network");
    this.#store.removeConfig(network.def.name);
    network.autostart = false;
    network.persistent = false;
    network.newDef = undefined;
    if (!network.active) this.#forget(network);
  }

  /** virNetworkSetAutostart() @throws LibvirtError */
  setAutostart(network: Network, on: boolean): void {
    if (!network.persistent)
      throw new LibvirtError('operation-invalid', 'cannot set autostart for transient network');
    if (network.autostart === on) return;
    this.#store.setAutostart(network.def.name, on);
    network.autostart = on;
  }

  /** A network as XML. virNetworkGetXMLDesc() */
  xml(network: Network, inactive: boolean): string {
    return inactive
      ? formatNetwork(network.persistentDef)
      : formatNetwork(network.def, connectionsOf(network));
  }

  /** The leases of a network's guests. virNetworkGetDHCPLeases() @param mac only those of this MAC @throws LibvirtError */
  leases(network: Network, mac?: string): NetworkLease[] {
    return networkLeases(this.#parts.proc, network.def, mac);
  }

  /** Puts a guest in a network that runs. virNetworkPortCreateXML() @throws LibvirtError */
  addPort(network: Network, port: NetworkPort): void {
    if (!network.active)
      throw new LibvirtError('operation-invalid', `network '${network.def.name}' is not active`);
    network.ports.set(port.uuid, port);
    this.#store.savePort(network.def.name, port);
    this.#store.saveState(network);
  }

  /** Takes a guest out of a network. virNetworkPortDelete() */
  removePort(network: Network, uuid: string): void {
    if (!network.ports.delete(uuid)) return;
    this.#store.removePort(network.def.name, uuid);
    if (network.active) this.#store.saveState(network);
  }

  /** virNetworkUpdate() @throws LibvirtError */
  async update(network: Network, change: NetworkUpdate, affected: Affected): Promise<void> {
    const { live, config } = this.#impact(network, affected);
    const before = network.def;
    const { firewall } = this.#parts;
    const rules = live && isFirewalled(before) && NEW_RULES.includes(change.section);
    if (rules) await firewall.remove(before);
    try {
      this.#change(network, change, { live, config });
    } finally {
      if (rules) await firewall.add(network.def);
    }
    if (config) this.#store.saveConfig(network.persistentDef);
    if (!live) return;
    await this.#renewDnsmasq(network, change.section, listensForDhcp(before));
    this.#store.saveState(network);
  }

  /** virNetworkObjUpdateModificationImpact() */
  #impact({ active, persistent }: Network, { live, config }: Affected): Affected {
    const resolved = live || config ? { live, config } : { live: active, config: !active };
    if (!active && resolved.live)
      throw new LibvirtError('operation-invalid', 'network is not running');
    if (!persistent && resolved.config)
      throw new LibvirtError(
        'operation-invalid',
        'cannot change persistent config of a transient network',
      );
    return resolved;
  }

  /** virNetworkObjUpdate() */
  #change(network: Network, change: NetworkUpdate, { live, config }: Affected): void {
    const configDef = config ? updatedNetwork(network.persistentDef, change) : undefined;
    const liveDef = live ? updatedNetwork(network.def, change) : undefined;
    if (liveDef !== undefined) network.def = liveDef;
    if (configDef === undefined) return;
    if (network.active) network.newDef = configDef;
    else network.def = configDef;
  }

  async #renewDnsmasq(network: Network, section: string, listened: boolean): Promise<void> {
    const { dnsmasq } = this.#parts;
    const { def, dnsmasqPid: pid } = network;
    if (!isVirtual(def)) return;
    const changed = section === 'ip-dhcp-host' && listensForDhcp(def) !== listened;
    if (NEW_START.includes(section) || changed)
      network.dnsmasqPid = await dnsmasq.restart(def, pid);
    if (section === 'ip-dhcp-host' || section === 'dns-host')
      network.dnsmasqPid = await dnsmasq.refresh(def, network.dnsmasqPid);
  }
}

function isVirtual(def: NetworkDef): boolean {
  return VIRTUAL_MODES.includes(def.forward.mode);
}

function isFirewalled(def: NetworkDef): boolean {
  return isVirtual(def) && def.forward.mode !== 'open';
}

function listensForDhcp(def: NetworkDef): boolean {
  return def.ips.some((ip) => isIpv4(ip.address) && (servesDhcp(ip) || ip.tftpRoot !== undefined));
}

/** Whether what a network consists of is still there. networkUpdateState() */
function isThere(proc: Process, def: NetworkDef): boolean {
  const { mode } = def.forward;
  if (!isVirtual(def) && (mode !== 'bridge' || def.bridge === undefined)) return true;
  return def.bridge !== undefined && new NetworkBridge(proc, def.bridge).exists;
}
