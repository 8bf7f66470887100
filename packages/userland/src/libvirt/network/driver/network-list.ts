import type { Netns } from '@labwire/devices/netns';
import { linkDump } from '@labwire/devices/rtnetlink';
import { LibvirtError } from '../../base/index.ts';
import type { NetworkDef } from '../conf/index.ts';
import type { Network } from './network.ts';

/** The last number of a bridge that libvirt names itself. MAX_BRIDGE_ID */
const MAX_BRIDGE_ID = 256;

/** All networks of a daemon. virNetworkObjList */
export class NetworkList {
  readonly #byUuid = new Map<string, Network>();

  /** All, in the order in which they came. */
  all(): Network[] {
    return [...this.#byUuid.values()];
  }

  find(name: string): Network | undefined {
    return this.all().find((n) => n.def.name === name);
  }

  /** @throws LibvirtError */
  byName(name: string): Network {
    const network = this.find(name);
    if (network === undefined)
      throw new LibvirtError('no-network', `no network with matching name '${name}'`);
    return network;
  }

  /** @throws LibvirtError */
  byUuid(uuid: string): Network {
    const network = this.#byUuid.get(uuid);
    if (network === undefined)
      throw new LibvirtError('no-network', `no network with matching uuid '${uuid}'`);
    return network;
  }

  add(network: Network): void {
    this.#byUuid.set(network.def.uuid, network);
  }

  remove(network: Network): void {
    this.#byUuid.delete(network.def.uuid);
  }

  /**
   * The network that a definition is of: with its UUID and name. virNetworkObjAssignDefLocked()
   * @param starting it is to run, and so must not run yet
   * @returns undefined for a new one
   * @throws LibvirtError if name and UUID are of two
   */
  matching(def: NetworkDef, starting: boolean): Network | undefined {
    const network = this.#byUuid.get(def.uuid);
    if (network !== undefined) {
      if (network.def.name !== def.name)
        throw new LibvirtError(
          'operation-failed',
          `network '${network.def.name}' is already defined with uuid ${def.uuid}`,
        );
      if (starting && network.active)
        throw new LibvirtError(
          'operation-invalid',
          `network is already active as '${network.def.name}'`,
        );
      return network;
    }
    const named = this.find(def.name);
    if (named !== undefined)
      throw new LibvirtError(
        'operation-failed',
        `network '${def.name}' already exists with uuid ${named.def.uuid}`,
      );
    return undefined;
  }

  /** Gives a definition's bridge a name that is free. networkBridgeNameValidate() @throws LibvirtError */
  nameBridge(def: NetworkDef, netns: Netns): void {
    const wanted = def.bridge;
    if (wanted !== undefined && !wanted.includes('%d')) {
      if (this.#bridgeInUse(wanted, def.name))
        throw new LibvirtError('internal', `bridge name '${wanted}' already in use.`);
      return;
    }
    const template = wanted !== undefined && wanted.split('%').length === 2 ? wanted : 'virbr%d';
    const devices = new Set(linkDump(netns).map((l) => l.name));
    for (let id = 0; id <= MAX_BRIDGE_ID; id++) {
      const name = template.replace('%d', String(id));
      if (devices.has(name) || this.#bridgeInUse(name, def.name)) continue;
      def.bridge = name;
      return;
    }
    throw new LibvirtError('internal', `Bridge generation exceeded max id ${MAX_BRIDGE_ID}`);
  }

  /** virNetworkObjBridgeInUse() */
  #bridgeInUse(bridge: string, except: string): boolean {
    return this.all().some(
      ({ def, newDef }) =>
        def.name !== except && (def.bridge === bridge || newDef?.bridge === bridge),
    );
  }
}
