import { XmlWriter } from '../../xml/index.ts';
import type { XmlNode } from './node.ts';

/** What a domain is defined as, complete with defaults and addresses. libvirt `virDomainDef` */
export class DomainDef {
  /** `kvm` or `qemu`. */
  readonly virtType: string;
  name: string;
  readonly uuid: string;
  title: string | undefined;
  description: string | undefined;
  /** Kibibytes. */
  readonly memory: number;
  readonly currentMemory: number;
  readonly vcpus: number;
  readonly maxVcpus: number;
  /** Machine type with its version: `pc-q35-7.2`. */
  readonly machine: string;
  /** What stands between uuid and devices, but for title and description, in order. */
  readonly general: XmlNode[];
  /** Devices, in the order in which they are listed. */
  readonly devices: XmlNode[];

  constructor(init: Readonly<DomainParts>) {
    this.virtType = init.virtType;
    this.name = init.name;
    this.uuid = init.uuid;
    this.title = init.title;
    this.description = init.description;
    this.memory = init.memory;
    this.currentMemory = init.currentMemory;
    this.vcpus = init.vcpus;
    this.maxVcpus = init.maxVcpus;
    this.machine = init.machine;
    this.general = [...init.general];
    this.devices = [...init.devices];
  }

  /** A copy that can be changed by itself. */
  clone(): DomainDef {
    return new DomainDef({
      ...this,
      general: this.general.map((n) => n.clone()),
      devices: this.devices.map((n) => n.clone()),
    });
  }

  /** Devices of one kind. */
  all(kind: string): XmlNode[] {
    return this.devices.filter((d) => d.name === kind);
  }

  /** Puts a device behind the others. */
  addDevice(device: XmlNode): void {
    this.devices.push(device);
  }

  /** Takes a device out. */
  removeDevice(device: XmlNode): void {
    const at = this.devices.indexOf(device);
    if (at >= 0) this.devices.splice(at, 1);
  }

  /** Its XML. @param id that of the domain while it runs */
  format(id?: number): string {
    const out = new XmlWriter();
    out.element(
      'domain',
      [
        ['type', this.virtType],
        ['id', id],
      ],
      () => {
        out.leaf('name', this.name);
        out.leaf('uuid', this.uuid);
        if (this.title !== undefined) out.leaf('title', this.title);
        if (this.description !== undefined) out.leaf('description', this.description);
        for (const node of this.general) if (node.name !== 'seclabel') node.write(out);
        out.element('devices', [], () => {
          for (const kind of DEVICE_ORDER)
            for (const device of this.devices) if (device.name === kind) device.write(out);
        });
        for (const node of this.general) if (node.name === 'seclabel') node.write(out);
      },
    );
    return out.toString();
  }
}

/** What a {@link DomainDef} is made of. */
export interface DomainParts {
  virtType: string;
  name: string;
  uuid: string;
  title: string | undefined;
  description: string | undefined;
  memory: number;
  currentMemory: number;
  vcpus: number;
  maxVcpus: number;
  machine: string;
  general: readonly XmlNode[];
  devices: readonly XmlNode[];
}

/** Kinds of devices in the order in which libvirt lists them. virDomainDefFormatInternalSetRootName() */
const DEVICE_ORDER: readonly string[] = [
  'emulator',
  'disk',
  'controller',
  'interface',
  'serial',
  'parallel',
  'console',
  'channel',
  'input',
  'graphics',
  'sound',
  'audio',
  'video',
  'memballoon',
  'rng',
];
