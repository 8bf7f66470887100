import type { XmlElement } from '../../xml/index.ts';
import { XmlNode } from './node.ts';

/** What an element may hold, in the order in which libvirt writes it; what is not listed is dropped, as libvirt drops what it does not know. */
export interface Schema {
  readonly attrs: readonly string[];
  /** Undefined: an element that is kept whole. */
  readonly children?: Readonly<Record<string, Schema | 'whole'>>;
}

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));
const schema = (attrs: string, children: Schema['children'] = {}): Schema => ({
  attrs: words(attrs),
  children,
});

/** Elements that devices of any kind end with. */
const INFO = {
  boot: schema('order loadparm'),
  rom: 'whole',
  alias: schema('name'),
  address: 'whole',
} as const;
const CHAR = {
  source: 'whole',
  protocol: schema('type'),
  target: schema('type name port', { model: schema('name') }),
  log: 'whole',
  ...INFO,
} as const;

/** Devices by element, in the order in which libvirt lists them. libvirt src/conf/domain_conf.c, virDomain*DefFormat() */
export const DEVICES: Readonly<Record<string, Schema>> = {
  disk: schema('type device model rawio sgio snapshot', {
    driver: 'whole',
    source: schema('file dev dir pool volume startupPolicy index protocol name'),
    backingStore: 'whole',
    target: schema('dev bus tray removable'),
    iotune: 'whole',
    readonly: schema(''),
    shareable: schema(''),
    transient: schema(''),
    serial: 'whole',
    wwn: 'whole',
    ...INFO,
  }),
  controller: schema('type index model ports vectors', {
    driver: 'whole',
    model: schema('name'),
    target: schema('chassisNr chassis port busNr hotplug'),
    boot: INFO.boot,
    alias: INFO.alias,
    master: schema('startport'),
    rom: INFO.rom,
    address: INFO.address,
  }),
  interface: schema('type managed trustGuestRxFilters', {
    mac: schema('address type check'),
    source: schema('network portgroup portid bridge dev mode address port path type', {
      local: 'whole',
    }),
    vlan: 'whole',
    virtualport: 'whole',
    bandwidth: 'whole',
    port: schema('isolated'),
    ip: 'whole',
    route: 'whole',
    script: schema('path'),
    target: schema('dev managed'),
    guest: schema('dev'),
    model: schema('type'),
    driver: 'whole',
    backend: 'whole',
    filterref: 'whole',
    tune: 'whole',
    link: schema('state'),
    mtu: schema('size'),
    coalesce: 'whole',
    ...INFO,
  }),
  serial: schema('type tty', CHAR),
  parallel: schema('type tty', CHAR),
  console: schema('type tty', CHAR),
  channel: schema('type', CHAR),
  input: schema('type bus model', INFO),
  graphics: schema('type port tlsPort autoport websocket listen keymap passwd', {
    listen: schema('type address network'),
    image: 'whole',
    gl: 'whole',
  }),
  sound: schema('model', { codec: schema('type'), audio: schema('id'), ...INFO }),
  audio: schema('id type'),
  video: schema('', {
    model: schema('type ram vram vram64 vgamem heads primary'),
    ...INFO,
  }),
  memballoon: schema('model autodeflate freePageReporting', { stats: 'whole', ...INFO }),
  rng: schema('model', { rate: 'whole', backend: 'whole', ...INFO }),
};

/** Devices that libvirt has and Labwire does not. */
export const OTHER_DEVICES: readonly string[] = words(
  'lease filesystem smartcard tpm hostdev redirdev redirfilter hub watchdog nvram panic shmem memory iommu vsock crypto',
);

/** The names of what an element of a device may hold, in order. */
export function childOrder(device: string): string[] {
  return Object.keys(DEVICES[device]?.children ?? {});
}

/** Reads an element: keeps what `known` lists, in its order. */
export function normalise(element: XmlElement, known: Schema): XmlNode {
  const node = new XmlNode(element.name);
  for (const name of known.attrs) node.set(name, element.attr(name));
  for (const [name, inner] of Object.entries(known.children ?? {}))
    for (const child of element.all(name))
      node.children.push(inner === 'whole' ? XmlNode.copyOf(child) : normalise(child, inner));
  if (element.children.length === 0 && element.text.trim() !== '') node.text = element.text.trim();
  return node;
}
