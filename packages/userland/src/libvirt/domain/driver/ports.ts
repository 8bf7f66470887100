import type { Process } from '../../../machine/index.ts';
import { generateUuid, LibvirtError } from '../../base/index.ts';
import {
  type Bandwidth,
  formatBandwidth,
  type NetworkDef,
  type NetworkDriver,
} from '../../network/index.ts';
import { XmlWriter } from '../../xml/index.ts';
import { bandwidthOf, type XmlNode } from '../conf/index.ts';

/** Whose interface it is. */
export interface PortOwner {
  readonly name: string;
  readonly uuid: string;
}

/** A place in a network: on its bridge, or on a device of the host's by macvtap. */
export interface AllocatedPort {
  readonly uuid: string;
  readonly bridge: string | undefined;
  readonly device: string | undefined;
  /** macvtap's mode. */
  readonly mode: string;
  readonly bandwidth: Bandwidth | undefined;
  /** Whether it is kept apart from other such ports of the bridge: yes or no, if anybody said. */
  readonly isolated: string | undefined;
}

/** Modes in which guests sit on a device of the host's. */
const DIRECT_MODES: readonly string[] = ['bridge', 'private', 'vepa', 'passthrough'];
const MACS_DIR = '/var/lib/libvirt/dnsmasq';

/** The places that domains take in networks. virNetworkPortCreateXML() */
export class Ports {
  readonly #proc: Process;
  #networks: NetworkDriver;

  constructor(proc: Process, networks: NetworkDriver) {
    this.#proc = proc;
    this.#networks = networks;
  }

  /** Those of a domain that ran while its daemon was started anew go on in the new one's networks. */
  moveTo({ ports }: { readonly ports: Ports }): void {
    this.#networks = ports.#networks;
  }

  /** A place for an interface. networkAllocatePort() @throws LibvirtError if there is no such network or it does not run */
  allocate(node: XmlNode, owner: PortOwner): AllocatedPort {
    const source = node.child('source');
    const name = source?.attr('network') ?? '';
    const mac = node.child('mac')?.attr('address') ?? '';
    const network = this.#networks.list.byName(name);
    if (!network.active)
      throw new LibvirtError('operation-invalid', `network '${name}' is not active`);
    const { bridge, forward, portGroups, isolatedPort } = network.def;
    const wanted = source?.attr('portgroup');
    const group = portGroups.find((g) => (wanted === undefined ? g.isDefault : g.name === wanted));
    const bandwidth = bandwidthOf(node) ?? group?.bandwidth;
    if ((bandwidth?.inbound?.floor ?? 0) > 0) refuseFloor(network.def, mac);
    const isolated = node.child('port')?.attr('isolated') ?? isolatedPort;
    const uuid = generateUuid(this.#proc.machine.kernel.random);
    const direct = bridge === undefined && DIRECT_MODES.includes(forward.mode);
    const device = direct ? this.#freeDevice(name) : undefined;
    const plug = direct
      ? ({ type: 'direct', dev: device, mode: forward.mode } as const)
      : ({ type: forward.mode === 'bridge' ? 'bridge' : 'network', bridge } as const);
    const place = { uuid, owner, group: wanted, mac, bandwidth, isolated, plug };
    const port = { uuid, ownerName: owner.name, ownerUuid: owner.uuid };
    this.#networks.addPort(network, { ...port, device, xml: portXml(place) });
    if (bridge !== undefined) this.#changeMacs(bridge, owner.name, (macs) => [...macs, mac]);
    return { uuid, bridge, device, mode: forward.mode, bandwidth, isolated };
  }

  /** The device of a pool that the fewest use; in passthrough mode one that nobody does. networkAllocatePort() @throws LibvirtError */
  #freeDevice(name: string): string {
    const { def, ports } = this.#networks.list.byName(name);
    const devices = def.forward.devices.flatMap((d) => (d.kind === 'netdev' ? d.dev : []));
    const users = (dev: string) => [...ports.values()].filter((p) => p.device === dev).length;
    const best = devices.sort((a, b) => users(a) - users(b))[0];
    const taken = best !== undefined && def.forward.mode === 'passthrough' && users(best) > 0;
    if (best === undefined || taken)
      throw new LibvirtError(
        'internal',
        `network '${name}' requires exclusive access to interfaces, but none are available`,
      );
    return best;
  }

  /** Gives a place back. */
  release(name: string, uuid: string): void {
    const network = this.#networks.list.find(name);
    const port = network?.ports.get(uuid);
    if (network === undefined || port === undefined) return;
    this.#networks.removePort(network, uuid);
    const mac = /<mac address='([^']*)'/.exec(port.xml)?.[1];
    if (network.def.bridge !== undefined)
      this.#changeMacs(network.def.bridge, port.ownerName, (macs) => macs.filter((m) => m !== mac));
  }

  /** Which domain has which MACs, for whoever resolves names. virMacMapWriteFile() */
  #changeMacs(bridge: string, domain: string, change: (macs: string[]) => string[]): void {
    const { fs } = this.#proc;
    const path = `${MACS_DIR}/${bridge}.macs`;
    if (!fs.exists(MACS_DIR)) return;
    const old = fs.exists(path) ? fs.readText(path).trim() : '';
    const map = (old === '' ? [] : JSON.parse(old)) as { domain: string; macs: string[] }[];
    const macs = change(map.find((e) => e.domain === domain)?.macs ?? []);
    const rest = map.filter((e) => e.domain !== domain);
    const next = macs.length === 0 ? rest : [...rest, { domain, macs }];
    fs.writeFile(path, `${next.length === 0 ? '[]' : JSON.stringify(next, undefined, 2)}\n`);
  }
}

/** A share of a network's bandwidth can be guaranteed only where there is a limit. networkCheckBandwidth() @throws LibvirtError */
function refuseFloor({ name, bandwidth }: NetworkDef, mac: string): never {
  if ((bandwidth?.inbound?.average ?? 0) === 0)
    throw new LibvirtError(
      'operation-unsupported',
      `Invalid use of 'floor' on interface with MAC address ${mac} - network '${name}' has no inbound QoS set`,
    );
  throw new LibvirtError(
    'config-unsupported',
    "Labwire guarantees no share of a network's bandwidth (floor)",
  );
}

/** What is written of a port. */
interface Place {
  readonly uuid: string;
  readonly owner: PortOwner;
  readonly group: string | undefined;
  readonly mac: string;
  readonly bandwidth: Bandwidth | undefined;
  readonly isolated: string | undefined;
  readonly plug: Readonly<Record<string, string | undefined>>;
}

/** virNetworkPortDefFormat() */
function portXml({ uuid, owner, group, mac, bandwidth, isolated, plug }: Place): string {
  const out = new XmlWriter();
  out.element('networkport', [], () => {
    out.leaf('uuid', uuid);
    out.element('owner', [], () => {
      out.leaf('name', owner.name);
      out.leaf('uuid', owner.uuid);
    });
    if (group !== undefined) out.leaf('group', group);
    out.empty('mac', ['address', mac]);
    formatBandwidth(out, bandwidth);
    if (isolated !== undefined) out.empty('port', ['isolated', isolated]);
    out.empty('plug', ...Object.entries(plug));
  });
  return out.toString();
}
