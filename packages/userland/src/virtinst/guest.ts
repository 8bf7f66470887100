import { type Disk, disksXml } from './disk.ts';
import type { Nic } from './network.ts';
import type { OsInfo } from './os-list.ts';
import { element } from './xml.ts';

/** What virt-install makes a domain of. virtinst/guest.py */
export interface Guest {
  readonly name: string;
  readonly uuid: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly os: OsInfo;
  readonly virtType: string;
  /** MiB. */
  readonly memory: number;
  readonly maxMemory: number;
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly machine: string | undefined;
  readonly disks: readonly Disk[];
  readonly nics: readonly Nic[];
  /** `vnc`, or none. */
  readonly graphics: string | undefined;
  /** Devices to boot from while it is installed, and ever after. */
  readonly boot: { readonly install: readonly string[]; readonly after: readonly string[] };
}

const ROOT_PORTS = 14;
const OSINFO = 'http://libosinfo.org/xmlns/libvirt/domain/1.0';

/** Whether there is something to install first: the domain then boots otherwise than ever after. has_install_phase() */
export function hasInstallPhase(guest: Guest): boolean {
  return guest.boot.install.length > 0;
}

/** The domain as XML. @param installing as it is while it is installed */
export function guestXml(guest: Guest, installing: boolean): string {
  const { os } = guest;
  const boot = installing && hasInstallPhase(guest) ? guest.boot.install : guest.boot.after;
  const machine = guest.machine ?? (os.q35 ? 'q35' : 'pc-i440fx-7.2');
  const { vcpus, maxVcpus } = guest;
  const lines = element('domain', { type: guest.virtType }, [
    ...element('name', {}, guest.name),
    ...element('uuid', {}, guest.uuid),
    ...(guest.title === undefined ? [] : element('title', {}, guest.title)),
    ...(guest.description === undefined ? [] : element('description', {}, guest.description)),
    ...metadata(os),
    ...element('memory', {}, String(guest.maxMemory * 1024)),
    ...element('currentMemory', {}, String(guest.memory * 1024)),
    ...element('vcpu', vcpus === maxVcpus ? {} : { current: String(vcpus) }, String(maxVcpus)),
    ...element('os', {}, [
      ...element('type', { arch: 'x86_64', machine }, 'hvm'),
      ...boot.flatMap((dev) => element('boot', { dev })),
    ]),
    ...element('features', {}, ['<acpi/>', '<apic/>']),
    ...(guest.virtType === 'kvm' ? element('cpu', { mode: 'host-passthrough' }) : []),
    ...CLOCK,
    ...POWER,
    ...element('devices', {}, devices(guest, installing, machine.includes('q35'))),
    ...(installing && hasInstallPhase(guest) ? element('on_reboot', {}, 'destroy') : []),
  ]);
  return `${lines.join('\n')}\n`;
}

function metadata({ id }: OsInfo): string[] {
  if (id === '') return [];
  return element(
    'metadata',
    {},
    element('libosinfo:libosinfo', { 'xmlns:libosinfo': OSINFO }, element('libosinfo:os', { id })),
  );
}

const CLOCK: readonly string[] = element('clock', { offset: 'utc' }, [
  ...element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
  ...element('timer', { name: 'pit', tickpolicy: 'delay' }),
  ...element('timer', { name: 'hpet', present: 'no' }),
]);
const POWER: readonly string[] = element('pm', {}, [
  ...element('suspend-to-mem', { enabled: 'no' }),
  ...element('suspend-to-disk', { enabled: 'no' }),
]);

function devices(guest: Guest, installing: boolean, q35: boolean): string[] {
  const { os, graphics } = guest;
  const disks = guest.disks.map((d) =>
    d.device === 'cdrom' && !installing ? { ...d, path: undefined } : d,
  );
  return [
    ...element('emulator', {}, '/usr/bin/qemu-system-x86_64'),
    ...disksXml(disks, os),
    ...usb(os),
    ...(q35 ? rootPorts() : []),
    ...guest.nics.flatMap((nic) => nic.xml),
    ...element('console', { type: 'pty' }),
    ...(os.virtio ? agentChannel() : []),
    ...(graphics === undefined ? [] : screen(graphics, os)),
    ...(os.virtio ? balloonAndRandom() : []),
  ];
}

function usb(os: OsInfo): string[] {
  if (os.q35) return element('controller', { type: 'usb', model: 'qemu-xhci', ports: '15' });
  const companion = (model: string, startport: string) =>
    element('controller', { type: 'usb', model }, element('master', { startport }));
  return [
    ...element('controller', { type: 'usb', model: 'ich9-ehci1' }),
    ...companion('ich9-uhci1', '0'),
    ...companion('ich9-uhci2', '2'),
    ...companion('ich9-uhci3', '4'),
  ];
}

function rootPorts(): string[] {
  const port = element('controller', { type: 'pci', model: 'pcie-root-port' });
  return [
    ...element('controller', { type: 'pci', model: 'pcie-root' }),
    ...Array.from({ length: ROOT_PORTS }, () => port).flat(),
  ];
}

function agentChannel(): string[] {
  return element('channel', { type: 'unix' }, [
    ...element('source', { mode: 'bind' }),
    ...element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
  ]);
}

function screen(type: string, os: OsInfo): string[] {
  return [
    ...element('input', { type: 'tablet', bus: 'usb' }),
    ...element('graphics', { type, port: '-1' }),
    ...element('video', {}, element('model', { type: os.virtio ? 'virtio' : 'vga' })),
  ];
}

function balloonAndRandom(): string[] {
  return [
    ...element('memballoon', { model: 'virtio' }),
    ...element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom')),
  ];
}
