import { Loopback, type NetDevice, Tun } from '@labwire/devices/link';
import { GuestNic, TapBackend } from '../hypervisor/index.ts';
import type { Process } from '../machine/index.ts';

/** Where a driver's answers come from. */
export interface Driver {
  readonly name: string;
  /** `RELEASE`: the kernel's own. */
  readonly version: string;
  readonly firmware: string;
  /** `PCI`: by the NIC's slot. */
  readonly bus: string;
  /** Statistics, self-test, EEPROM, registers, private flags: y or n each. */
  readonly supports: string;
  /** What the link's settings look like; undefined: it has none. */
  readonly link: LinkStyle | undefined;
  /** Pause frames: autonegotiated, received, sent. */
  readonly pause?: readonly [boolean, boolean, boolean];
  /** Most and present descriptors: received, jumbo, sent. */
  readonly rings?: readonly [
    max: readonly [number, number | undefined, number],
    now: readonly [number, number | undefined, number],
  ];
  /** Which stamps of time it takes in software. */
  readonly stamps: 'both' | 'receive';
  /** Whether speed and duplex can be set. */
  readonly settable?: true;
}

/** What `ethtool DEV` shows of a link. */
export interface LinkStyle {
  readonly ports: string;
  readonly modes: string;
  readonly autoneg: 'fixed' | 'on';
  readonly advertised?: string;
  readonly partner?: readonly string[];
  readonly port: string;
  readonly phyad: number;
  readonly mdix?: string;
  readonly wake?: string;
  /** The message level, and its words. */
  readonly messages?: readonly [level: string, words: string];
  /** Only its carrier is known. */
  readonly bare?: true;
  readonly duplex?: 'Half';
  readonly speed?: number;
}

const T10_100 = '10baseT/Half 10baseT/Full\n100baseT/Half 100baseT/Full';
const T1000 = `${T10_100}\n1000baseT/Full`;
const PROBE = ['0x00000007 (7)', 'drv probe link'] as const;
const NONE = ['0x00000000 (0)', ''] as const;

const software = (port: string, mdix?: string): LinkStyle => ({
  ports: '  ',
  modes: 'Not reported',
  autoneg: 'fixed',
  port,
  phyad: 0,
  ...(mdix !== undefined && { mdix }),
});

const OTHER = software('Other');
const PAIR = software('Twisted Pair', 'Unknown');

const driver = (
  name: string,
  version: string,
  more: Partial<Driver> & Pick<Driver, 'link'>,
): Driver => ({
  name,
  version,
  firmware: '',
  bus: '',
  supports: 'nnnnn',
  stamps: 'both',
  ...more,
});

const nic = (name: string, version: string, more: Partial<Driver> & Pick<Driver, 'link'>): Driver =>
  driver(name, version, { bus: 'PCI', ...more });

const copper = (more: Partial<LinkStyle>): LinkStyle => ({
  mdix: 'off (auto)',
  ...plainCopper(more),
});

const plainCopper = (more: Partial<LinkStyle>): LinkStyle => ({
  ports: ' TP ',
  modes: T1000,
  autoneg: 'on',
  advertised: T1000,
  port: 'Twisted Pair',
  phyad: 0,
  messages: PROBE,
  ...more,
});

const partner = (autoneg: string, pause: string): readonly string[] => [pause, autoneg];

/** Drivers of Linux 6.1, for NICs as QEMU 7.2 has them. */
const DRIVERS: readonly Driver[] = [
  driver('loopback', '', { link: { ...OTHER, bare: true } }),
  driver('veth', '1.0', { supports: 'ynnnn', link: PAIR }),
  driver('bridge', '2.3', { firmware: 'N/A', bus: 'N/A', link: OTHER, stamps: 'receive' }),
  driver('dummy', 'RELEASE', { link: undefined }),
  driver('tun', '1.6', { link: { ...PAIR, messages: NONE }, settable: true }),
  driver('802.1Q VLAN Support', '1.8', { firmware: 'N/A', link: PAIR }),
  driver('macvlan', '0.1', { link: PAIR }),
  driver('bonding', 'RELEASE', { firmware: '2', link: OTHER, stamps: 'receive' }),
  driver('vxlan', '0.1', { link: OTHER, stamps: 'receive' }),
  nic('virtio_net', '1.0.0', {
    supports: 'ynnnn',
    link: OTHER,
    rings: [
      [256, undefined, 256],
      [256, undefined, 256],
    ],
    settable: true,
  }),
  nic('e1000', 'RELEASE', {
    supports: 'yyyyn',
    link: copper({ wake: 'umbg' }),
    pause: [true, true, false],
    rings: [
      [4096, undefined, 4096],
      [256, undefined, 256],
    ],
  }),
  nic('e1000e', 'RELEASE', {
    firmware: '2.1-0',
    supports: 'yyyyy',
    link: copper({ phyad: 1, wake: 'd' }),
    pause: [true, true, true],
    rings: [
      [4096, undefined, 4096],
      [256, undefined, 256],
    ],
  }),
  nic('8139cp', '1.3', {
    supports: 'ynyyn',
    link: {
      ...plainCopper({ wake: 'pumbg' }),
      ports: ' TP\t MII ',
      modes: T10_100,
      advertised: T10_100,
      partner: partner('No', 'Symmetric'),
      port: 'MII',
      phyad: 32,
    },
    rings: [
      [64, undefined, 64],
      [64, undefined, 64],
    ],
    stamps: 'receive',
  }),
  nic('vmxnet3', '1.7.0.0-k-NAPI', {
    supports: 'ynnyn',
    link: {
      ports: ' TP ',
      modes: '1000baseT/Full\n10000baseT/Full',
      autoneg: 'fixed',
      port: 'Twisted Pair',
      phyad: 0,
      mdix: 'Unknown',
      wake: 'uag',
      speed: 1000,
    },
    rings: [
      [4096, 4096, 4096],
      [1024, 512, 512],
    ],
    stamps: 'receive',
  }),
  nic('pcnet32', 'RELEASE', {
    supports: 'nynyn',
    link: { ...PAIR, ports: ' TP\t AUI ', messages: PROBE, speed: 10, duplex: 'Half' },
    rings: [
      [512, undefined, 512],
      [32, undefined, 16],
    ],
    stamps: 'receive',
  }),
  nic('ne2k-pci', '1.03', { link: { ...OTHER, bare: true, messages: NONE }, stamps: 'receive' }),
  nic('e100', 'RELEASE', {
    supports: 'yyyyn',
    link: {
      ...plainCopper({ wake: 'g' }),
      ports: ' TP\t MII ',
      modes: T10_100,
      advertised: T10_100,
      partner: partner('Yes', 'No'),
      port: 'MII',
      phyad: 1,
    },
    rings: [
      [256, undefined, 256],
      [256, undefined, 128],
    ],
  }),
  nic('tulip', 'RELEASE', { link: { ...OTHER, bare: true, wake: 'd' }, stamps: 'receive' }),
];

/** Names of drivers by the kinds that `ip -d link` shows. */
const BY_KIND: Readonly<Record<string, string>> = {
  veth: 'veth',
  bridge: 'bridge',
  dummy: 'dummy',
  vlan: '802.1Q VLAN Support',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  bond: 'bonding',
  vxlan: 'vxlan',
};

function driverName(dev: NetDevice): string {
  if (dev instanceof Loopback) return 'loopback';
  if (dev instanceof Tun) return 'tun';
  if (dev instanceof GuestNic) return dev.model.driver;
  return BY_KIND[dev.linkType ?? ''] ?? 'virtio_net';
}

/** The driver of a device. NICs of machines that are no guests are taken for virtio's, as a virtual machine's are. */
export function driverOf(dev: NetDevice): Driver {
  const name = driverName(dev);
  return DRIVERS.find((d) => d.name === name) ?? (DRIVERS[0] as Driver);
}

/** The key of a device's offloads in FEATURE_STATES. */
export function featureProfile(dev: NetDevice): string {
  const name = driverName(dev);
  if (name === '802.1Q VLAN Support') return 'vlan';
  if (name === 'bonding') return 'bond';
  if (name !== 'virtio_net') return name;
  const headers = !(dev instanceof GuestNic) || dev.backend instanceof TapBackend;
  return headers ? 'virtio_net_tap' : 'virtio_net';
}

/** Where a NIC is: the slots of a PC's PCI bus begin at 2 where nothing else is in it. */
export function busInfo(proc: Process, dev: NetDevice, { bus }: Driver): string {
  if (bus !== 'PCI') return dev instanceof Tun ? (dev.isTap ? 'tap' : 'tun') : bus;
  const nics = proc.netns.devices
    .list()
    .filter((d) => d.linkType === undefined && !(d instanceof Loopback));
  const slot = nics.indexOf(dev) + FIRST_SLOT;
  return `0000:00:${slot.toString(16).padStart(2, '0')}.0`;
}

const FIRST_SLOT = 3;
