import type { DomainDef } from './domain-def.ts';
import { XmlNode } from './node.ts';
import { childOrder } from './schema.ts';

/** Buses of disks by how their names begin. virDomainDiskDefAssignAddress(), virDiskNameToBusDeviceIndex() */
const BUSES: readonly (readonly [prefix: string, bus: string])[] = [
  ['hd', 'ide'],
  ['vd', 'virtio'],
  ['sd', 'scsi'],
  ['fd', 'fdc'],
  ['ub', 'usb'],
  ['xvd', 'xen'],
];

/** Whether the machine has PCI Express. */
export function isQ35(def: DomainDef): boolean {
  return def.machine.startsWith('pc-q35');
}

/** Adds the devices that every machine has, and what devices leave open. virDomainDefPostParse(), qemuDomainDefAddDefaultDevices() */
export function addDefaults(def: DomainDef): void {
  if (def.all('emulator').length === 0)
    def.devices.unshift(new XmlNode('emulator', {}, [], '/usr/bin/qemu-system-x86_64'));
  for (const disk of def.all('disk')) fillDisk(disk);
  addCharacterDevices(def);
  addControllers(def);
  addInputs(def);
  addGraphics(def);
  if (def.all('memballoon').length === 0)
    def.addDevice(new XmlNode('memballoon', { model: 'virtio' }));
}

function fillDisk(disk: XmlNode): void {
  const order = childOrder('disk');
  const device = disk.attr('device') ?? 'disk';
  const rest = [...disk.attrs].filter(([key]) => key !== 'type' && key !== 'device');
  const type = disk.attr('type') ?? 'file';
  disk.attrs.clear();
  for (const [key, value] of [['type', type], ['device', device], ...rest] as const)
    disk.attrs.set(key, value);
  const driver = disk.child('driver');
  if (driver === undefined) disk.put(new XmlNode('driver', { name: 'qemu', type: 'raw' }), order);
  else if (driver.attr('type') === undefined) driver.set('type', 'raw');
  const target = disk.child('target');
  if (target !== undefined && target.attr('bus') === undefined)
    target.set('bus', BUSES.find(([p]) => target.attr('dev')?.startsWith(p))?.[1]);
  if (device === 'cdrom') disk.put(new XmlNode('readonly'), order);
  giveDriveAddress(disk, order);
}

/** The number of a disk by the letters of its name: `sdb` is 1. */
function diskIndex(dev: string): number {
  const letters = dev.replace(/^(x?v|h|s|f|u)[db]/, '');
  return [...letters].reduce((sum, c) => sum * 26 + c.charCodeAt(0) - 96, 0) - 1;
}

function giveDriveAddress(disk: XmlNode, order: readonly string[]): void {
  const target = disk.child('target');
  const n = diskIndex(target?.attr('dev') ?? '');
  const at = (controller: number, bus: number, unit: number) =>
    new XmlNode('address', {
      type: 'drive',
      controller: String(controller),
      bus: String(bus),
      target: '0',
      unit: String(unit),
    });
  if (disk.child('address') !== undefined) return;
  const half = Math.floor(n / 2);
  switch (target?.attr('bus')) {
    case 'ide':
      disk.put(at(Math.floor(half / 2), half % 2, n % 2), order);
      break;
    case 'sata':
      disk.put(at(Math.floor(n / 6), 0, n % 6), order);
      break;
    case 'scsi':
      disk.put(at(Math.floor(n / 7), 0, n % 7), order);
      break;
    case 'fdc':
      disk.put(at(half, 0, n % 2), order);
  }
}

/** A serial line has a console and a console a serial line. virDomainDefAddConsoleCompat() */
function addCharacterDevices(def: DomainDef): void {
  for (const device of def.all('console')) {
    const target = device.child('target');
    if (target === undefined)
      device.put(new XmlNode('target', { type: 'serial', port: '0' }), childOrder('console'));
    else if (target.attr('type') === undefined) target.set('type', 'serial');
  }
  const [first] = def.all('console');
  const isSerial = first?.child('target')?.attr('type') === 'serial';
  if (isSerial && def.all('serial').length === 0)
    def.addDevice(new XmlNode('serial', { type: first?.attr('type') ?? 'pty' }));
  const [serial] = def.all('serial');
  if (serial !== undefined && first === undefined)
    def.addDevice(
      new XmlNode('console', { type: serial.attr('type') ?? 'pty' }, [
        new XmlNode('target', { type: 'serial', port: '0' }),
      ]),
    );
  for (const [port, line] of def.all('serial').entries()) fillSerial(line, port);
  giveChannelPorts(def);
}

function fillSerial(serial: XmlNode, port: number): void {
  serial.attrs.delete('tty');
  serial.remove('source');
  const target = new XmlNode('target', { type: 'isa-serial', port: String(port) }, [
    new XmlNode('model', { name: 'isa-serial' }),
  ]);
  serial.put(target, childOrder('serial'));
}

function giveChannelPorts(def: DomainDef): void {
  let port = 1;
  for (const channel of def.all('channel')) {
    // the path is libvirt's own, of each start
    if (channel.child('source')?.attr('path') === undefined) channel.remove('source');
    if (
      channel.child('target')?.attr('type') !== 'virtio' ||
      channel.child('address') !== undefined
    )
      continue;
    const address = { type: 'virtio-serial', controller: '0', bus: '0', port: String(port++) };
    channel.put(new XmlNode('address', address), childOrder('channel'));
  }
}

/** Adds the controllers that every machine has and those that devices need, behind those that are given. */
function addControllers(def: DomainDef): void {
  const q35 = isQ35(def);
  numberControllers(def);
  const has = (type: string) => def.all('controller').some((c) => c.attr('type') === type);
  const add = (type: string, model?: string) => {
    if (!has(type)) def.addDevice(new XmlNode('controller', { type, index: '0', model }));
  };
  add('usb', q35 ? 'qemu-xhci' : 'piix3-uhci');
  if (q35) add('sata');
  add('pci', q35 ? 'pcie-root' : 'pci-root');
  const uses = (bus: string) => def.all('disk').some((d) => d.child('target')?.attr('bus') === bus);
  if (uses('ide')) add('ide');
  if (uses('scsi')) add('scsi', 'lsilogic');
  if (uses('sata')) add('sata');
  if (uses('fdc')) add('fdc');
  const virtioPort = (d: XmlNode) => d.child('target')?.attr('type') === 'virtio';
  if ([...def.all('channel'), ...def.all('console')].some(virtioPort)) add('virtio-serial');
}

/** Gives controllers without an index the next of their type. */
function numberControllers(def: DomainDef): void {
  const next = new Map<string, number>();
  for (const controller of def.all('controller')) {
    const type = controller.attr('type') ?? '';
    const after = next.get(type) ?? 0;
    // companions of a USB 2 controller share its index
    const free = controller.child('master') === undefined ? after : Math.max(0, after - 1);
    const index = Number(controller.attr('index') ?? free);
    next.set(type, index + 1);
    const { model, ports, vectors } = Object.fromEntries(controller.attrs);
    controller.attrs.clear();
    for (const [key, value] of Object.entries({
      type,
      index: String(index),
      model,
      ports,
      vectors,
    }))
      controller.set(key, value);
  }
}

function addInputs(def: DomainDef): void {
  for (const [i, input] of def.all('input').entries()) {
    input.set('bus', input.attr('bus') ?? (input.attr('type') === 'tablet' ? 'usb' : 'ps2'));
    if (input.attr('bus') === 'usb' && input.child('address') === undefined)
      input.put(
        new XmlNode('address', { type: 'usb', bus: '0', port: String(i + 1) }),
        childOrder('input'),
      );
  }
  for (const type of ['mouse', 'keyboard']) {
    const there = def.all('input').some((i) => i.attr('type') === type && i.attr('bus') === 'ps2');
    if (!there) def.addDevice(new XmlNode('input', { type, bus: 'ps2' }));
  }
}

/** What a model of video card has, and in which order. */
const VIDEO: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cirrus: { vram: '16384' },
  vga: { vram: '16384' },
  bochs: { vram: '16384' },
  qxl: { ram: '65536', vram: '65536', vgamem: '16384' },
};

function addGraphics(def: DomainDef): void {
  const graphics = def.all('graphics');
  for (const g of graphics) fillGraphics(g);
  if (graphics.length > 0 && def.all('video').length === 0)
    def.addDevice(new XmlNode('video', {}, [new XmlNode('model', { type: 'cirrus' })]));
  for (const [i, video] of def.all('video').entries()) fillVideo(video, i === 0);
  if (def.all('audio').length > 0) return;
  const spice = graphics.some((g) => g.attr('type') === 'spice');
  def.addDevice(new XmlNode('audio', { id: '1', type: spice ? 'spice' : 'none' }));
}

function fillGraphics(g: XmlNode): void {
  if (g.attr('type') !== 'vnc' && g.attr('type') !== 'spice') return;
  const given = g.attr('port');
  const auto = g.attr('type') === 'vnc' ? (given ?? '-1') === '-1' : g.attr('autoport') === 'yes';
  const passwd = g.attr('passwd');
  const keymap = g.attr('keymap');
  const listen = g.attr('listen');
  const type = g.attr('type');
  g.attrs.clear();
  g.set('type', type);
  if (type === 'vnc') g.set('port', auto ? '-1' : given);
  else if (given !== undefined && given !== '-1') g.set('port', given);
  if (type === 'vnc' || auto) g.set('autoport', auto ? 'yes' : 'no');
  g.set('listen', listen);
  g.set('keymap', keymap);
  g.set('passwd', passwd);
  if (g.child('listen') !== undefined) return;
  const byDefault = type === 'spice' && !auto && given === undefined ? 'none' : 'address';
  g.put(new XmlNode('listen', { type: byDefault, address: listen }), childOrder('graphics'));
}

function fillVideo(video: XmlNode, primary: boolean): void {
  const given = video.child('model');
  const type = given?.attr('type') ?? 'cirrus';
  const attrs: Record<string, string | undefined> = { type };
  for (const [key, value] of Object.entries(VIDEO[type] ?? {}))
    attrs[key] = given?.attr(key) ?? value;
  attrs.heads = given?.attr('heads') ?? '1';
  if (primary) attrs.primary = 'yes';
  video.put(new XmlNode('model', attrs), childOrder('video'));
}
