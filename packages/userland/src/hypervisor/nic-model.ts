import { type Nanos, US } from '@labwire/core/sim';

/** A NIC that QEMU can give a guest. */
export interface NicModel {
  /** As `-device` and libvirt's `<model type=…>` call it. */
  readonly name: string;
  /** The guest's driver, as `ethtool -i` tells it. */
  readonly driver: string;
  /** Mbit/s that the guest is told; -1: none. */
  readonly speed: number;
  /** Largest MTU that its driver takes. */
  readonly maxMtu: number;
  /** Frames that its ring holds, as the driver sets it up. */
  readonly ring: number;
  /** Takes super-segments of TCP, and brings them, where its backend does. */
  readonly superSegments: boolean;
  /** What a frame costs that is sent while the device is busy, so that it shares what frames can share; beside its bytes. */
  readonly sent: Nanos;
  /** The same of one that is received. */
  readonly received: Nanos;
  /** What a frame costs that finds the device at rest. */
  readonly woken: Nanos;
  /** What each byte of a frame costs. */
  readonly byte: Nanos;
}

/**
 * How often a guest leaves the processor for a frame, as counted in QEMU 7.2 with Linux 6.1: see docs/guests.md. Accesses to the
 * device's registers, then interrupts.
 */
interface Exits {
  readonly sent: readonly [accesses: number, interrupts: number];
  readonly received: readonly [accesses: number, interrupts: number];
  readonly woken: readonly [accesses: number, interrupts: number];
  /** Accesses for each byte, where the driver moves them itself. */
  readonly byte?: number;
}

/** An access to a register that QEMU emulates; an interrupt; what else QEMU and the host do for a frame. */
const ACCESS: Nanos = 3 * US;
const INTERRUPT: Nanos = 2 * US;
const FRAME: Nanos = 2 * US;
/** Of each byte, from guest to host: the 16 Gbit/s at which a relay of super-segments was seen. */
const COPY: Nanos = 0.5;
/** A doorbell that the host's kernel takes (ioeventfd), as a share of an access. */
const DOORBELL = 1 / 3;

const timeOf = ([accesses, interrupts]: readonly [number, number]): Nanos =>
  Math.round(FRAME + accesses * ACCESS + interrupts * INTERRUPT);

type Row = readonly [name: string, driver: string, speed: number, maxMtu: number, ring: number];

function model([name, driver, speed, maxMtu, ring]: Row, exits: Exits, whole = false): NicModel {
  return {
    name,
    driver,
    speed,
    maxMtu,
    ring,
    superSegments: whole,
    sent: timeOf(exits.sent),
    received: timeOf(exits.received),
    woken: timeOf(exits.woken),
    byte: COPY + (exits.byte ?? 0) * ACCESS,
  };
}

const VIRTIO: Exits = {
  sent: [0.066 * DOORBELL, 0.066],
  received: [0, 0.034],
  woken: [0.49 * DOORBELL, 0.97],
};
const VMXNET3: Exits = { sent: [2, 1], received: [0.07, 0.07], woken: [1.5, 1] };
const E1000: Exits = { sent: [1.39, 0.08], received: [0.33, 0.04], woken: [6.66, 1] };
const E1000E: Exits = { sent: [1.1, 0.08], received: [0.26, 0.17], woken: [2.59, 1.99] };
const E100: Exits = { sent: [8, 1], received: [0.29, 0.05], woken: [6.97, 0.94] };
const RTL8139: Exits = { sent: [4, 1], received: [0.43, 0.05], woken: [5.84, 0.98] };
const PCNET: Exits = { sent: [16, 1], received: [0.92, 0.07], woken: [14.4, 0.96] };
const TULIP: Exits = { sent: [5, 1], received: [0.32, 0.03], woken: [6.33, 0.91] };
/** Moves each four bytes through a register. */
const NE2K: Exits = { sent: [24, 1], received: [24, 1], woken: [26, 1], byte: 0.25 };

const virtio = (name: string): NicModel =>
  model([name, 'virtio_net', -1, 65_535, 256], VIRTIO, true);
const e1000 = (name: string): NicModel => model([name, 'e1000', 1000, 16_110, 256], E1000);
const e100 = (name: string): NicModel => model([name, 'e100', 100, 1500, 256], E100);

/** Models by the names of devices of QEMU 7.2. */
const MODELS: readonly NicModel[] = [
  virtio('virtio-net-pci'),
  virtio('virtio-net-pci-transitional'),
  virtio('virtio-net-pci-non-transitional'),
  virtio('virtio-net-device'),
  model(['vmxnet3', 'vmxnet3', 10_000, 9000, 512], VMXNET3, true),
  e1000('e1000'),
  e1000('e1000-82544gc'),
  e1000('e1000-82545em'),
  model(['e1000e', 'e1000e', 1000, 9216, 256], E1000E),
  model(['rtl8139', '8139cp', 100, 1770, 64], RTL8139),
  model(['pcnet', 'pcnet32', 100, 1500, 32], PCNET),
  model(['ne2k_pci', 'ne2k-pci', 10, 1500, 8], NE2K),
  model(['ne2k_isa', 'ne', 10, 1500, 8], NE2K),
  model(['tulip', 'tulip', 100, 1500, 128], TULIP),
  model(['usb-net', 'rndis_host', -1, 1500, 8], NE2K),
];

/** The model of a name or of an old name; undefined if Labwire has no such NIC. */
export function findNicModel(name: string): NicModel | undefined {
  if (name === 'e1000-82540em') return findNicModel('e1000');
  if (name === 'virtio-net' || name === 'virtio') return findNicModel('virtio-net-pci');
  if (/^i82(55\w+|562|801)$/.test(name)) return e100(name);
  return MODELS.find((m) => m.name === name);
}
