import { formatMac, type MacAddr, parseMac } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { IFF_NO_PI, IFF_TAP, IFF_UP, IFF_VNET_HDR, Macvtap } from '@labwire/devices/link';
import { linkAdd, linkDel, linkGet, linkSet } from '@labwire/devices/rtnetlink';
import { type NetBackend, TapBackend } from '../../../hypervisor/index.ts';
import { openTun, type Process } from '../../../machine/index.ts';
import { DEFAULT_USER_CONFIG, UserNet } from '../../../qemu/index.ts';
import { LibvirtError } from '../../base/index.ts';
import { childOrder, putBandwidth, XmlNode } from '../conf/index.ts';
import type { Names } from './names.ts';
import type { PortOwner, Ports } from './ports.ts';

const BYTE_5 = 2 ** 40;
/** First byte of a tap's address: no NIC of a bridge has a higher one. */
const HIGH_BYTE = 0xfe;
/** MACVLAN_MODE_* */
const MACVTAP_MODES: Readonly<Record<string, number>> = {
  private: 1,
  vepa: 2,
  bridge: 4,
  passthrough: 8,
};

/** An interface that is connected on the host's side. */
export interface Plug {
  readonly backend: NetBackend;
  /** Takes away what was made for it. */
  unplug(): void;
}

/** What interfaces are connected with. */
export interface Plugs {
  readonly proc: Process;
  readonly names: Names;
  readonly ports: Ports;
}

/** What they are connected with in one domain. */
export interface EmulatorPlugs extends Plugs {
  /** The domain's QEMU: a user-mode network's sockets are its own. */
  readonly qemu: Process;
}

/**
 * Connects an interface, and writes into its XML what has come of it: the device's name, the bridge.
 * libvirt src/qemu/qemu_command.c, qemuBuildInterfaceConnect()
 * @throws LibvirtError
 */
export function plugInterface(plugs: EmulatorPlugs, node: XmlNode, owner: PortOwner): Plug {
  const source = node.child('source');
  const filter = node.child('filterref')?.attr('filter');
  if (filter !== undefined)
    throw new LibvirtError(
      'config-unsupported',
      `Labwire has no network filters (<filterref filter='${filter}'/>)`,
    );
  switch (node.attr('type')) {
    case 'network':
      return plugNetwork(plugs, node, source as XmlNode, owner);
    case 'bridge':
      return plugBridge(plugs, node, source?.attr('bridge') ?? '');
    case 'direct':
      return plugDirect(plugs, node, source?.attr('dev') ?? '', source?.attr('mode') ?? 'vepa');
    case 'ethernet':
      return plugTap(plugs, node, undefined);
    default:
      return plugUser(plugs.qemu, node);
  }
}

function plugUser(qemu: Process, node: XmlNode): Plug {
  const id = `host${node.child('alias')?.attr('name') ?? 'net'}`;
  const backend = new UserNet(qemu, DEFAULT_USER_CONFIG, `${qemu.machine.name} ${qemu.pid} ${id}`);
  return { backend, unplug: () => backend.close() };
}

function plugNetwork(plugs: Plugs, node: XmlNode, source: XmlNode, owner: PortOwner): Plug {
  const name = source.attr('network') ?? '';
  const port = plugs.ports.allocate(node, owner);
  try {
    source.set('portid', port.uuid);
    if (port.bridge !== undefined) source.set('bridge', port.bridge);
    putBandwidth(node, port.bandwidth);
    if (port.isolated !== undefined)
      node.put(new XmlNode('port', { isolated: port.isolated }), childOrder('interface'));
    const plug =
      port.bridge === undefined
        ? plugDirect(plugs, node, port.device ?? '', port.mode)
        : plugBridge(plugs, node, port.bridge);
    return {
      backend: plug.backend,
      unplug: () => {
        plug.unplug();
        plugs.ports.release(name, port.uuid);
      },
    };
  } catch (e) {
    plugs.ports.release(name, port.uuid);
    throw e;
  }
}

/** What the kernel refuses, in libvirt's words. @throws LibvirtError */
function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (e) {
    if (!(e instanceof KernelError)) throw e;
    throw new LibvirtError('system-error', `${what}: ${strerror(e.errno)}`);
  }
}

function plugBridge(plugs: Plugs, node: XmlNode, bridge: string): Plug {
  return plugTap(plugs, node, bridge);
}

/** virNetDevTapCreateInBridgePort() */
function plugTap({ proc, names }: Plugs, node: XmlNode, bridge: string | undefined): Plug {
  const { netns } = proc;
  const name = node.child('target')?.attr('dev') ?? names.next('vnet', netns);
  const isVirtio = node.child('model')?.attr('type')?.startsWith('virtio') === true;
  const { fd, tun } = openTun(proc);
  const plug = { backend: new TapBackend(tun), unplug: () => proc.close(fd) };
  try {
    const flags = IFF_TAP | IFF_NO_PI | (isVirtio ? IFF_VNET_HDR : 0);
    attempt(`Unable to create tap device ${name}`, () => tun.setIff(name, flags, proc));
    const { ifindex } = linkGet(netns, { name });
    const mac = parseMac(node.child('mac')?.attr('address') ?? '') ?? 0;
    if (tun.device !== null) tun.device.defaultQdisc = 'noqueue';
    linkSet(netns, ifindex, { addr: ((mac % BYTE_5) + HIGH_BYTE * BYTE_5) as MacAddr });
    if (bridge !== undefined) joinBridge(proc, name, bridge, node);
    linkSet(netns, ifindex, { setFlags: IFF_UP });
  } catch (e) {
    plug.unplug();
    throw e;
  }
  setTarget(node, name);
  return plug;
}

function joinBridge({ netns }: Process, name: string, bridge: string, node: XmlNode): void {
  const { ifindex } = linkGet(netns, { name });
  const bridgeMtu = attempt(`Cannot get interface MTU on '${bridge}'`, () =>
    linkGet(netns, { name: bridge }),
  ).mtu;
  const mtu = Number(node.child('mtu')?.attr('size') ?? bridgeMtu);
  attempt(`Cannot set interface MTU on '${name}'`, () => linkSet(netns, ifindex, { mtu }));
  attempt(`Unable to add bridge ${bridge} port ${name}`, () =>
    linkSet(netns, ifindex, { master: linkGet(netns, { name: bridge }).ifindex }),
  );
  if (node.child('port')?.attr('isolated') === 'yes')
    linkSet(netns, ifindex, { slaveData: { isolated: 1 } });
}

function setTarget(node: XmlNode, dev: string): void {
  const target = node.child('target');
  if (target !== undefined) target.set('dev', dev);
  else node.put(new XmlNode('target', { dev }), childOrder('interface'));
}

/** virNetDevMacVLanCreateWithVPortProfile() */
function plugDirect({ proc, names }: Plugs, node: XmlNode, parent: string, mode: string): Plug {
  const { netns } = proc;
  const link = attempt(`Unable to get index for interface ${parent}`, () =>
    linkGet(netns, { name: parent }),
  ).ifindex;
  const name = node.child('target')?.attr('dev') ?? names.next('macvtap', netns);
  const addr = parseMac(node.child('mac')?.attr('address') ?? '') as MacAddr;
  const infoData = { mode: MACVTAP_MODES[mode] ?? 0 };
  const ifindex = attempt(
    `error creating macvtap interface ${name}@${parent} (${formatMac(addr)})`,
    () => linkAdd(netns, { kind: 'macvtap', name, link, addr, infoData }),
  );
  linkSet(netns, ifindex, { setFlags: IFF_UP });
  const dev = netns.devices.byIndex(ifindex);
  if (!(dev instanceof Macvtap)) throw new LibvirtError('internal', `no macvtap ${name}`);
  const file = dev.openFile();
  setTarget(node, name);
  return {
    backend: new TapBackend(file),
    unplug: () => {
      file.close();
      if (dev.netns !== null) linkDel(dev.netns, dev.ifindex);
    },
  };
}
