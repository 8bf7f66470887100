import type { DomainDef } from './domain-def.ts';
import { XmlNode } from './node.ts';
import { childOrder } from './schema.ts';

/** Who QEMU runs as: libvirt-qemu of Debian. */
export const QEMU_UID = 64_055;

/** What a domain gets when it starts. */
export interface LiveNames {
  readonly id: number;
  /** Number of its console's terminal. */
  readonly pty: number;
  readonly vncPort: number;
}

/** What a definition becomes while its domain runs: names of devices, ports, labels. qemuAssignDeviceAliases() */
export function liveDef(def: DomainDef, { id, pty, vncPort }: LiveNames): DomainDef {
  const live = def.clone();
  fillCpu(live);
  const alias = (node: XmlNode, name: string) => giveAlias(node, name);
  for (const [i, disk] of live.all('disk').entries()) fillDisk(disk, live.all('disk').length - i);
  for (const controller of live.all('controller')) alias(controller, controllerAlias(controller));
  for (const [i, net] of live.all('interface').entries()) alias(net, `net${i}`);
  for (const [i, serial] of live.all('serial').entries()) fillPty(serial, `serial${i}`, pty);
  for (const device of live.all('console')) fillPty(device, 'serial0', pty);
  for (const [i, channel] of live.all('channel').entries()) fillChannel(channel, i, live.name, id);
  for (const [kind, name] of ALIASES)
    for (const [i, device] of live.all(kind).entries()) alias(device, `${name}${i}`);
  for (const graphics of live.all('graphics')) fillGraphics(graphics, vncPort);
  live.general.push(seclabel());
  return live;
}

const ALIASES: readonly (readonly [kind: string, name: string])[] = [
  ['input', 'input'],
  ['sound', 'sound'],
  ['video', 'video'],
  ['memballoon', 'balloon'],
  ['rng', 'rng'],
];

/** Gives a device a name unless it has one. */
export function giveAlias(node: XmlNode, name: string): void {
  if (node.child('alias') === undefined)
    node.put(new XmlNode('alias', { name }), childOrder(node.name));
}

function fillCpu(live: DomainDef): void {
  const cpu = live.general.find((n) => n.name === 'cpu');
  if (cpu?.attr('mode') !== 'custom' || cpu.attr('check') !== 'none') return;
  cpu.set('check', 'full');
  for (const name of ['hypervisor', 'lahf_lm'])
    cpu.children.push(new XmlNode('feature', { policy: 'require', name }));
}

function controllerAlias(controller: XmlNode): string {
  const index = controller.attr('index') ?? '0';
  switch (controller.attr('type')) {
    case 'pci':
      return controller.attr('model') === 'pcie-root' ? 'pcie.0' : `pci.${index}`;
    case 'usb':
      return index === '0' ? 'usb' : `usb${index}`;
    case 'ide':
    case 'sata':
      return index === '0' ? 'ide' : `${controller.attr('type')}${index}`;
    default:
      return `${controller.attr('type')}${index}`;
  }
}

function fillDisk(disk: XmlNode, index: number): void {
  const order = childOrder('disk');
  const source = disk.child('source');
  if (source === undefined) disk.child('driver')?.attrs.delete('type');
  else {
    source.set('index', String(index));
    disk.put(new XmlNode('backingStore'), order);
  }
  const target = disk.child('target');
  const bus = target?.attr('bus');
  const address = disk.child('address');
  const part = (name: string) => address?.attr(name) ?? '0';
  const place =
    bus === 'scsi'
      ? `${part('controller')}-${part('bus')}-${part('target')}-${part('unit')}`.replace(/-0-/, '-')
      : `${part('controller')}-${part('bus')}-${part('unit')}`;
  giveAlias(disk, bus === 'virtio' ? `virtio-disk${virtioIndex(target)}` : `${bus}${place}`);
}

function virtioIndex(target: XmlNode | undefined): number {
  return (target?.attr('dev')?.charCodeAt(2) ?? 97) - 97;
}

function fillPty(node: XmlNode, alias: string, pty: number): void {
  if (node.attr('type') === 'pty') {
    const path = `/dev/pts/${pty}`;
    if (node.name === 'console') node.set('tty', path);
    node.put(new XmlNode('source', { path }), childOrder(node.name));
  }
  giveAlias(node, alias);
}

function fillChannel(channel: XmlNode, i: number, domain: string, id: number): void {
  const target = channel.child('target');
  const name = target?.attr('name') ?? '';
  if (channel.attr('type') === 'unix')
    channel.put(
      new XmlNode('source', {
        mode: 'bind',
        path: `/var/lib/libvirt/qemu/channel/target/domain-${id}-${domain}/${name}`,
      }),
      childOrder('channel'),
    );
  target?.set('state', 'disconnected');
  giveAlias(channel, `channel${i}`);
}

function fillGraphics(graphics: XmlNode, vncPort: number): void {
  if (graphics.attr('type') !== 'vnc') return;
  if (graphics.attr('port') === '-1') graphics.set('port', String(vncPort));
  const listen = graphics.child('listen');
  if (listen?.attr('type') !== 'address') return;
  const address = listen.attr('address') ?? '127.0.0.1';
  listen.set('address', address);
  graphics.set('listen', address);
}

function seclabel(): XmlNode {
  const label = `+${QEMU_UID}:+${QEMU_UID}`;
  return new XmlNode('seclabel', { type: 'dynamic', model: 'dac', relabel: 'yes' }, [
    new XmlNode('label', {}, [], label),
    new XmlNode('imagelabel', {}, [], label),
  ]);
}
