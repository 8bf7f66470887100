import { isQ35 } from './defaults.ts';
import type { DomainDef } from './domain-def.ts';
import { XmlNode } from './node.ts';
import { childOrder } from './schema.ts';

/** Functions of a USB 2 controller and its companions. qemuDomainAssignDevicePCISlots(), IS_USB2_CONTROLLER */
const USB2_FUNCTIONS: Readonly<Record<string, number>> = {
  'ich9-ehci1': 7,
  'ich9-uhci1': 0,
  'ich9-uhci2': 1,
  'ich9-uhci3': 2,
};
/** Slots of a bus of conventional PCI. */
const LAST_SLOT = 31;
/** Functions of a slot. */
const FUNCTIONS = 8;
/** NICs that are PCI Express devices. */
const EXPRESS_NICS: readonly string[] = [
  'virtio',
  'virtio-transitional',
  'virtio-non-transitional',
  'e1000e',
  'vmxnet3',
];

/** Where a device is. */
interface PciPlace {
  readonly bus: number;
  readonly slot: number;
  readonly fn: number;
  readonly multifunction?: boolean;
}

const hex = (n: number, digits: number): string => `0x${n.toString(16).padStart(digits, '0')}`;

function addressNode({ bus, slot, fn, multifunction }: PciPlace): XmlNode {
  return new XmlNode('address', {
    type: 'pci',
    domain: '0x0000',
    bus: hex(bus, 2),
    slot: hex(slot, 2),
    function: hex(fn, 1),
    multifunction: multifunction === true ? 'on' : undefined,
  });
}

/** Gives every PCI device that has none an address. libvirt src/qemu/qemu_domain_address.c, qemuDomainAssignPCIAddresses() */
export function assignPciAddresses(def: DomainDef): void {
  if (!isQ35(def)) {
    placeAll(def, new ConventionalBus(def));
    return;
  }
  // what is needed is found out first, since bridges are placed before all others
  const trial = def.clone();
  placeAll(trial, new ExpressBuses(trial));
  const before = def.all('controller').length;
  const buses = new ExpressBuses(def);
  buses.reserveFixed();
  for (const added of trial.all('controller').slice(before))
    buses.addController(added.attr('model') ?? '');
  placeAll(def, buses);
}

function placeAll(def: DomainDef, buses: Buses): void {
  buses.reserveFixed();
  for (const device of inOrder(def)) {
    if (isPlaced(device)) continue;
    const siblings = usb2Siblings(def, device);
    const placed = siblings.find(isPlaced);
    if (placed === undefined) buses.place(device);
    else put(device, placeOf(placed.child('address') as XmlNode));
    if (siblings.length > 0) setUsb2Function(device);
  }
  buses.finish();
}

/** The controllers of USB 2 that share a slot with this one, itself among them; empty: it is none. */
function usb2Siblings(def: DomainDef, device: XmlNode): XmlNode[] {
  const isUsb2 = (c: XmlNode) => USB2_FUNCTIONS[c.attr('model') ?? ''] !== undefined;
  if (device.name !== 'controller' || !isUsb2(device)) return [];
  return def.all('controller').filter((c) => isUsb2(c) && c.attr('index') === device.attr('index'));
}

function setUsb2Function(controller: XmlNode): void {
  const address = controller.child('address') as XmlNode;
  const fn = USB2_FUNCTIONS[controller.attr('model') ?? ''] as number;
  put(controller, { ...placeOf(address), fn, multifunction: fn === 0 });
}

/** Devices that want a PCI address, in the order in which libvirt gives them out. qemuDomainAssignDevicePCISlots() */
function inOrder(def: DomainDef): XmlNode[] {
  const controllers = def
    .all('controller')
    .filter((c) => ['usb', 'virtio-serial', 'scsi', 'sata', 'ide'].includes(c.attr('type') ?? ''));
  const disks = def.all('disk').filter((d) => d.child('target')?.attr('bus') === 'virtio');
  const balloon = def.all('memballoon').filter((b) => b.attr('model') !== 'none');
  const nets = def.all('interface');
  return [
    ...nets,
    ...def.all('sound'),
    ...controllers,
    ...disks,
    ...balloon,
    ...def.all('rng'),
    ...def.all('video'),
  ];
}

function isPlaced(device: XmlNode): boolean {
  return device.child('address') !== undefined;
}

function put(device: XmlNode, place: PciPlace): void {
  device.put(addressNode(place), childOrder(device.name));
}

function takenPlaces(def: DomainDef): PciPlace[] {
  const addresses = def.devices.flatMap((d) => d.child('address') ?? []);
  return addresses.filter((a) => a.attr('type') === 'pci').map(placeOf);
}

function placeOf(address: XmlNode): PciPlace {
  return {
    bus: Number(address.attr('bus') ?? 0),
    slot: Number(address.attr('slot') ?? 0),
    fn: Number(address.attr('function') ?? 0),
  };
}

/** How addresses are given out on one kind of machine. */
interface Buses {
  /** Devices whose place is always the same. */
  reserveFixed(): void;
  place(device: XmlNode): void;
  finish(): void;
}

/** i440FX: one bus; slot 1 is the chipset's, slot 2 the video card's if there is one. */
class ConventionalBus implements Buses {
  readonly #def: DomainDef;
  readonly #taken: Set<number>;

  constructor(def: DomainDef) {
    this.#def = def;
    this.#taken = new Set([0, 1, ...takenPlaces(def).map((p) => p.slot)]);
  }

  reserveFixed(): void {
    const controllers = this.#def.all('controller').filter((c) => !isPlaced(c));
    const of = (type: string) => controllers.find((c) => c.attr('type') === type);
    const ide = of('ide');
    const usb = of('usb');
    if (ide !== undefined) put(ide, { bus: 0, slot: 1, fn: 1 });
    if (usb?.attr('model') === 'piix3-uhci') put(usb, { bus: 0, slot: 1, fn: 2 });
    const [video] = this.#def.all('video');
    if (video === undefined || isPlaced(video) || this.#taken.has(2)) return;
    this.#taken.add(2);
    put(video, { bus: 0, slot: 2, fn: 0 });
  }

  place(device: XmlNode): void {
    if (isPlaced(device)) return;
    let slot = 2;
    while (this.#taken.has(slot) && slot < LAST_SLOT) slot++;
    this.#taken.add(slot);
    put(device, { bus: 0, slot, fn: 0 });
  }

  finish(): void {}
}

/** Q35: Express devices sit on root ports of their own, others behind a bridge; both are added as they are needed. */
class ExpressBuses implements Buses {
  readonly #def: DomainDef;
  readonly #taken: PciPlace[];
  readonly #usedBuses = new Set<number>();

  constructor(def: DomainDef) {
    this.#def = def;
    this.#taken = takenPlaces(def);
    for (const { bus } of this.#taken) this.#usedBuses.add(bus);
  }

  #controllers(model: string): XmlNode[] {
    return this.#def.all('controller').filter((c) => c.attr('model') === model);
  }

  reserveFixed(): void {
    const sata = this.#def.all('controller').find((c) => c.attr('type') === 'sata');
    if (sata !== undefined && !isPlaced(sata)) put(sata, { bus: 0, slot: 0x1f, fn: 2 });
    const [video] = this.#def.all('video');
    if (video !== undefined && !isPlaced(video)) this.#take(video, { bus: 0, slot: 1, fn: 0 });
    for (const sound of this.#def.all('sound'))
      if (sound.attr('model') === 'ich9' && !isPlaced(sound))
        this.#take(sound, { bus: 0, slot: 0x1b, fn: 0 });
    for (const port of this.#controllers('pcie-root-port')) this.#fillPort(port);
    for (const bridge of this.#controllers('pcie-to-pci-bridge')) this.#fillBridge(bridge);
  }

  #take(device: XmlNode, place: PciPlace): void {
    this.#taken.push(place);
    put(device, place);
  }

  /** The next function of the slots that hold root ports. */
  #portPlace(): PciPlace {
    const ports = this.#controllers('pcie-root-port').filter(isPlaced).length;
    const first = this.#taken.some((p) => p.bus === 0 && p.slot === 1) ? 2 : 1;
    const slot = first + Math.floor(ports / FUNCTIONS);
    const fn = ports % FUNCTIONS;
    return { bus: 0, slot, fn, multifunction: fn === 0 };
  }

  #fillPort(port: XmlNode): void {
    if (isPlaced(port)) return;
    const order = childOrder('controller');
    const place = this.#portPlace();
    port.put(new XmlNode('model', { name: 'pcie-root-port' }), order);
    const number = `0x${(place.slot * FUNCTIONS + place.fn).toString(16)}`;
    port.put(new XmlNode('target', { chassis: port.attr('index'), port: number }), order);
    port.put(addressNode(place), order);
  }

  /** Adds a controller of PCI, with the next index. */
  addController(model: string): XmlNode {
    const indexes = this.#def
      .all('controller')
      .filter((c) => c.attr('type') === 'pci')
      .map((c) => Number(c.attr('index')));
    const index = String(Math.max(...indexes) + 1);
    const controller = new XmlNode('controller', { type: 'pci', index, model });
    this.#def.addDevice(controller);
    if (model === 'pcie-root-port') this.#fillPort(controller);
    return controller;
  }

  #freePort(): number | undefined {
    const ports = this.#controllers('pcie-root-port').map((c) => Number(c.attr('index')));
    return ports.find((bus) => !this.#usedBuses.has(bus));
  }

  /** A root port that nothing is plugged into, made if there is none. */
  #portBus(): number {
    const bus = this.#freePort() ?? Number(this.addController('pcie-root-port').attr('index'));
    this.#usedBuses.add(bus);
    return bus;
  }

  place(device: XmlNode): void {
    if (isPlaced(device)) return;
    if (isExpress(device)) this.#take(device, { bus: this.#portBus(), slot: 0, fn: 0 });
    else this.#take(device, this.#bridgePlace());
  }

  /** A slot behind the bridge to conventional PCI, which comes with a root port of its own. */
  #bridgePlace(): PciPlace {
    const bus = Number(
      (this.#controllers('pcie-to-pci-bridge')[0] ?? this.#addBridge()).attr('index'),
    );
    let slot = 1;
    while (this.#taken.some((p) => p.bus === bus && p.slot === slot)) slot++;
    return { bus, slot, fn: 0 };
  }

  #addBridge(): XmlNode {
    this.addController('pcie-root-port');
    const bridge = this.addController('pcie-to-pci-bridge');
    this.#fillBridge(bridge);
    return bridge;
  }

  #fillBridge(bridge: XmlNode): void {
    this.#usedBuses.add(Number(bridge.attr('index')));
    if (isPlaced(bridge)) return;
    const order = childOrder('controller');
    bridge.put(new XmlNode('model', { name: 'pcie-pci-bridge' }), order);
    bridge.put(addressNode({ bus: this.#portBus(), slot: 0, fn: 0 }), order);
  }

  /** One root port is left free for what is plugged in later. */
  finish(): void {
    if (this.#freePort() === undefined) this.addController('pcie-root-port');
  }
}

function isExpress(device: XmlNode): boolean {
  if (device.name === 'interface')
    return EXPRESS_NICS.includes(device.child('model')?.attr('type') ?? '');
  if (device.name === 'sound') return false;
  return device.attr('type') !== 'scsi' || device.attr('model') !== 'lsilogic';
}
