import { type Nanos, US } from '@labwire/core/sim';

/** A NIC that QEMU can give a guest. */
export interface NicModel {
  /** As `-device` and libvirt's `<model type=…>` call it. */
  readonly name: string;
  /** The guest's driver, as `ethtool -i` tells it. */
  readonly driver: string;
  /** Mbit/s that the guest is told; -1: none. */
  readonly speed: number;
  /** What a frame costs beside the host's own hop: exits from the guest for registers, interrupts, copies. */
  readonly cost: Nanos;
  /** Largest MTU that its driver takes. */
  readonly maxMtu: number;
}

const virtio = (name: string): NicModel => ({
  name,
  driver: 'virtio_net',
  speed: -1,
  cost: 5 * US,
  maxMtu: 65_535,
});

const e1000 = (name: string): NicModel => ({
  name,
  driver: 'e1000',
  speed: 1000,
  cost: 25 * US,
  maxMtu: 16_110,
});

/** Models by the names of devices of QEMU 7.2. Costs are in the order that measurements show, not measured values. */
const MODELS: readonly NicModel[] = [
  virtio('virtio-net-pci'),
  virtio('virtio-net-pci-transitional'),
  virtio('virtio-net-pci-non-transitional'),
  virtio('virtio-net-device'),
  { name: 'vmxnet3', driver: 'vmxnet3', speed: 10_000, cost: 10 * US, maxMtu: 9000 },
  e1000('e1000'),
  e1000('e1000-82544gc'),
  e1000('e1000-82545em'),
  { name: 'e1000e', driver: 'e1000e', speed: 1000, cost: 20 * US, maxMtu: 9216 },
  { name: 'rtl8139', driver: '8139cp', speed: 100, cost: 60 * US, maxMtu: 1770 },
  { name: 'pcnet', driver: 'pcnet32', speed: 100, cost: 60 * US, maxMtu: 1500 },
  { name: 'ne2k_pci', driver: 'ne2k-pci', speed: 10, cost: 120 * US, maxMtu: 1500 },
  { name: 'ne2k_isa', driver: 'ne', speed: 10, cost: 120 * US, maxMtu: 1500 },
  { name: 'tulip', driver: 'tulip', speed: 100, cost: 60 * US, maxMtu: 1500 },
  { name: 'usb-net', driver: 'rndis_host', speed: -1, cost: 120 * US, maxMtu: 1500 },
];

/** The model of a name or of an old name; undefined if Labwire has no such NIC. */
export function findNicModel(name: string): NicModel | undefined {
  if (name === 'e1000-82540em') return findNicModel('e1000');
  if (name === 'virtio-net' || name === 'virtio') return findNicModel('virtio-net-pci');
  if (/^i82(55\w+|562|801)$/.test(name))
    return { name, driver: 'e100', speed: 100, cost: 50 * US, maxMtu: 1500 };
  return MODELS.find((model) => model.name === name);
}
