import type { NetworkDef } from '../conf/index.ts';

/** A network that a daemon knows. virNetworkObj */
export class Network {
  /** What runs; what is defined, while nothing does. */
  def: NetworkDef;
  /** What is defined, while something else runs. `newDef` */
  newDef: NetworkDef | undefined;
  active = false;
  persistent: boolean;
  autostart = false;
  dnsmasqPid: number | undefined;
  /** Who uses it, by the UUID of the port. */
  readonly ports: Map<string, NetworkPort> = new Map();

  constructor(def: NetworkDef, persistent: boolean) {
    this.def = def;
    this.persistent = persistent;
  }

  /** What is defined. virNetworkObjGetPersistentDef() */
  get persistentDef(): NetworkDef {
    return this.newDef ?? this.def;
  }

  /** Takes a new definition: for the next start if it runs. virNetworkObjUpdateAssignDef() */
  define(def: NetworkDef): void {
    if (this.active) this.newDef = def;
    else this.def = def;
    this.persistent = true;
  }

  /** Its start keeps the definition aside from what runs. virNetworkObjSetDefTransient() */
  began(): void {
    if (this.persistent && this.newDef === undefined) this.newDef = this.def;
  }

  /** Its end brings back what is defined. virNetworkObjUnsetDefTransient() */
  ended(): void {
    this.active = false;
    if (this.newDef === undefined) return;
    this.def = this.newDef;
    this.newDef = undefined;
  }
}

/** A guest's place in a network. virNetworkPortDef */
export interface NetworkPort {
  readonly uuid: string;
  readonly ownerName: string;
  readonly ownerUuid: string;
  /** As XML, as `virsh net-port-dumpxml` shows it. */
  readonly xml: string;
  /** The forward device that it uses. */
  readonly device: string | undefined;
}
