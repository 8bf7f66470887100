import { isMulticastMac, type MacAddr } from '@labwire/core/addr';
import { findNicModel } from '../../hypervisor/index.ts';
import { type Item, Opts } from '../command-line/index.ts';
import { findDevice } from '../devices.ts';
import { type Netdev, openNetdev } from '../net/index.ts';
import { checkNicProperties } from '../nic-help.ts';
import type { EmulatedNic, Emulator } from './emulator.ts';
import { nicModelOf, readMac } from './nics.ts';

/** The hub that everything of `-net` is on. */
const LEGACY_HUB = 0;
/** NICs that `-nic` and `-net nic` can give. `MAX_NICS` */
const MAX_NICS = 8;
/** Words of `-nic` that are not its backend's. */
const NIC_WORDS = ['mac', 'model'];

/** Options of one name, with their words. */
function optsOf(items: readonly Item[], name: string, first: string): Opts[] {
  return items.flatMap((i) => (i.name === name ? [new Opts(i.where, i.value, first)] : []));
}

/** Refuses an id that another one has. @throws QemuError */
export function checkIds(all: readonly Opts[], kind: string): void {
  const seen = new Set<string>();
  for (const opts of all) {
    const id = opts.get('id');
    if (id === undefined) continue;
    if (seen.has(id)) throw opts.error(`Duplicate ID '${id}' for ${kind}`);
    seen.add(id);
  }
}

/** What a command line asks of networks, read and checked for what can be known at once. */
export class Networks {
  readonly #netdevs: readonly Opts[];
  readonly #nics: readonly Opts[];
  readonly #nets: readonly Opts[];
  readonly #devices: readonly Opts[];
  readonly #byDefault: boolean;

  /** @throws QemuError */
  constructor(items: readonly Item[]) {
    this.#netdevs = optsOf(items, 'netdev', 'type');
    this.#nics = optsOf(items, 'nic', 'type');
    this.#nets = optsOf(items, 'net', 'type');
    this.#devices = optsOf(items, 'device', 'driver');
    for (const opts of this.#netdevs) opts.required('id');
    checkIds(this.#netdevs, 'netdev');
    checkIds(this.#nics, 'nic');
    checkIds(this.#devices, 'device');
    const asked = [...this.#nics, ...this.#nets, ...this.#devices.filter(isNic)];
    this.#byDefault =
      asked.length === 0 &&
      this.#netdevs.length === 0 &&
      !items.some((i) => i.name === 'nodefaults');
  }

  /** Makes backends, then NICs, in QEMU's order. net_init_clients(), then the devices. @throws QemuError */
  async open(emulator: Emulator): Promise<void> {
    for (const opts of this.#netdevs) await addNetdev(emulator, opts, opts.required('id'));
    for (const [i, opts] of this.#nics.entries()) await openNic(emulator, opts, i);
    for (const [i, opts] of this.#nets.entries()) await openNet(emulator, opts, i);
    if (this.#byDefault) await openDefault(emulator);
    for (const opts of this.#devices) addDevice(emulator, opts);
  }
}

function isNic(opts: Opts): boolean {
  return findDevice(opts.get('driver') ?? '')?.category === 'Network devices';
}

/** Makes a backend and gives it its id. @throws QemuError */
export async function addNetdev(
  emulator: Emulator,
  opts: Opts,
  id: string,
  more: readonly string[] = [],
): Promise<Netdev> {
  const netdev = await openNetdev(emulator, opts, more);
  emulator.addNetdev(id, netdev);
  return netdev;
}

/** `-nic`: a backend and its NIC at once. */
async function openNic(emulator: Emulator, opts: Opts, i: number): Promise<void> {
  if (opts.get('type') === 'none') return;
  if (emulator.nics.length >= MAX_NICS)
    throw opts.error('no more on-board/default NIC slots available');
  const model = nicModelOf(opts);
  const id = opts.get('id') ?? `#net${i}00`;
  checkUnicast(opts, opts.get('mac'));
  const { backend } = await addNetdev(emulator, opts, id, NIC_WORDS);
  const mac = macOf(emulator, opts, opts.get('mac'));
  const name = `${model.name}.${i}`;
  emulator.addNic({ name, model, mac, netdev: id, backend, properties: [] });
}

/** `-net`: a NIC, or a backend, on the hub. net_client_init1() with is_netdev false */
async function openNet(emulator: Emulator, opts: Opts, i: number): Promise<void> {
  const type = opts.get('type');
  if (type === 'none') return;
  if (type === 'nic') {
    openLegacyNic(emulator, opts);
    return;
  }
  const id = opts.get('id') ?? opts.get('name') ?? `#net${String(i).padStart(3, '0')}`;
  const netdev = await addNetdev(emulator, opts, id, ['name']);
  const hub = emulator.hub(LEGACY_HUB);
  hub.connect(`hub${hub.id}port${hub.ports.length}`, netdev.backend);
}

/** net/net.c, net_init_nic() */
function checkUnicast(opts: Opts, text: string | undefined): void {
  const mac = text === undefined ? undefined : readMac(text);
  if (mac !== undefined && isMulticastMac(mac))
    throw opts.error('NIC cannot have multicast MAC address');
}

function openLegacyNic(emulator: Emulator, opts: Opts): void {
  opts.allowOnly(['type', 'id', 'netdev', 'macaddr', 'model', 'addr', 'vectors']);
  const netdev = opts.get('netdev');
  const own = netdev === undefined ? undefined : emulator.netdev(netdev);
  if (netdev !== undefined && own === undefined) throw opts.error(`netdev '${netdev}' not found`);
  const text = opts.get('macaddr');
  if (text !== undefined && readMac(text) === undefined)
    throw opts.error('invalid syntax for ethernet address');
  checkUnicast(opts, text);
  const model = nicModelOf(opts);
  const hub = emulator.hub(LEGACY_HUB);
  const backend = own?.backend ?? hub.addPort(`hub${hub.id}port${hub.ports.length}`);
  const name = opts.get('id') ?? `${model.name}.${emulator.nics.length}`;
  const mac = macOf(emulator, opts, text);
  emulator.addNic({ name, model, mac, netdev, backend, properties: [] });
}

/** Without a word about networks: an e1000 and user mode, as `-net nic -net user`. */
async function openDefault(emulator: Emulator): Promise<void> {
  await openNet(emulator, new Opts('-net nic', 'nic', 'type'), 0);
  await openNet(emulator, new Opts('-net user', 'user', 'type'), 1);
}

/** `-device`: NICs are made, anything else that QEMU has is accepted. @throws QemuError */
export function addDevice(emulator: Emulator, opts: Opts): EmulatedNic | undefined {
  const driver = opts.get('driver') ?? '';
  const device = findDevice(driver);
  if (device === undefined) throw opts.error(`'${driver}' is not a valid device model name`);
  if (device.category !== 'Network devices') return undefined;
  const model = findNicModel(device.name);
  if (model === undefined) throw opts.error(`Labwire has no ${device.name}`);
  checkNicProperties(opts, model.name);
  checkMac(opts, model.name);
  const netdev = opts.get('netdev');
  const backend = netdev === undefined ? null : backendFor(emulator, opts, model.name, netdev);
  const mac = macOf(emulator, opts, opts.get('mac'));
  const count = emulator.nics.filter((nic) => nic.model.name === model.name).length;
  const name = opts.get('id') ?? `${model.name}.${count}`;
  const properties = opts.pairs.filter(([key]) => !['driver', 'netdev', 'mac'].includes(key));
  const nic = { name, model, mac, netdev, backend, properties };
  emulator.addNic(nic);
  return nic;
}

function checkMac(opts: Opts, model: string): void {
  const mac = opts.get('mac');
  if (mac !== undefined && readMac(mac) === undefined)
    throw opts.error(`Property '${model}.mac' doesn't take value '${mac}'`);
}

function backendFor(emulator: Emulator, opts: Opts, model: string, id: string): Netdev['backend'] {
  const found = emulator.netdev(id);
  if (found === undefined) throw opts.error(`Property '${model}.netdev' can't find value '${id}'`);
  if (emulator.nicOf(id) !== undefined || found.backend.guest !== null)
    throw opts.error(`Property '${model}.netdev' can't take value '${id}', it's in use`);
  return found.backend;
}

function macOf(emulator: Emulator, opts: Opts, text: string | undefined): MacAddr {
  if (text === undefined) return emulator.macs.next();
  const mac = readMac(text);
  if (mac === undefined) throw opts.error('invalid syntax for ethernet address');
  return emulator.macs.use(mac);
}
