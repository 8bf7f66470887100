import type { DebPackage, FileSystem, Process, Unit } from '../machine/index.ts';
import { PACKAGE_VERSION } from './base/index.ts';
import { libvirtd, virtlogd } from './daemon/index.ts';
import { leasesHelper } from './network/index.ts';
import { virsh } from './virsh/index.ts';

/** The template of the network `default`. */
const DEFAULT_NETWORK = `<network>
  <name>default</name>
  <bridge name='virbr0'/>
  <forward/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
    </dhcp>
  </ip>
</network>
`;

/** Directories of the daemon's package, with their permissions. */
const DIRECTORIES: readonly (readonly [path: string, mode: number])[] = [
  ['/etc/libvirt', 0o755],
  ['/etc/libvirt/hooks', 0o755],
  ['/etc/libvirt/qemu', 0o755],
  ['/etc/libvirt/qemu/networks', 0o755],
  ['/etc/libvirt/qemu/networks/autostart', 0o755],
  ['/var/lib/libvirt', 0o755],
  ['/var/lib/libvirt/boot', 0o711],
  ['/var/lib/libvirt/images', 0o711],
  ['/var/lib/libvirt/qemu', 0o750],
  ['/var/cache/libvirt', 0o711],
  ['/var/cache/libvirt/qemu', 0o711],
  ['/var/log/libvirt', 0o755],
  ['/var/log/libvirt/qemu', 0o755],
];

function installDirectories(fs: FileSystem): void {
  for (const [path, mode] of DIRECTORIES) {
    fs.mkdir(path, { recursive: true });
    fs.chmod(path, mode);
  }
}

/** Defines the network `default` once, as Debian's package does when it is installed. */
function installDefaultNetwork(fs: FileSystem): void {
  const template = '/usr/share/libvirt/networks/default.xml';
  const target = '/etc/libvirt/qemu/networks/default.xml';
  fs.mkdir('/usr/share/libvirt/networks', { recursive: true });
  fs.mkdir('/etc/libvirt/qemu/networks', { recursive: true });
  fs.writeFile(template, DEFAULT_NETWORK);
  if (!fs.exists(target)) fs.writeFile(target, DEFAULT_NETWORK, { mode: 0o600 });
}

function unit(name: string, path: string, description: string): Unit {
  return {
    name: `${name}.service`,
    description,
    documentation: [`man:${name}(8)`, 'https://libvirt.org'],
    enabledByDefault: true,
    sysv: false,
    start: (proc) => startDaemon(proc, path, `/run/${name}.pid`),
  };
}

async function startDaemon(
  proc: Process,
  path: string,
  pidFile: string,
): Promise<Process | undefined> {
  const program = proc.fs.programOf(path) as NonNullable<ReturnType<FileSystem['programOf']>>;
  const status = await proc.waitFor(proc.spawn([path, '-d'], program, { newGroup: true }));
  if (status !== 0) proc.exit(status);
  return proc.machine.processes.get(Number(proc.fs.readText(pidFile)));
}

function debPackage(
  init: Pick<DebPackage, 'name' | 'description'> & Partial<DebPackage>,
): DebPackage {
  return { version: PACKAGE_VERSION, preinstalled: false, programs: {}, ...init };
}

/** libvirtd and virtlogd. */
const libvirtDaemon: DebPackage = debPackage({
  name: 'libvirt-daemon',
  description: 'Virtualization daemon',
  programs: {
    '/usr/sbin/libvirtd': libvirtd,
    '/usr/sbin/virtlogd': virtlogd,
    '/usr/lib/libvirt/libvirt_leaseshelper': leasesHelper,
  },
  install: installDirectories,
});

/** virsh. */
const libvirtClients: DebPackage = debPackage({
  name: 'libvirt-clients',
  description: 'Programs for the libvirt library',
  programs: { '/usr/bin/virsh': virsh },
});

/** The network `default`. */
const configNetwork: DebPackage = debPackage({
  name: 'libvirt-daemon-config-network',
  description: 'Libvirt daemon configuration files (default network)',
  install: installDefaultNetwork,
});

/** What makes libvirtd a service of the system. */
const daemonSystem: DebPackage = debPackage({
  name: 'libvirt-daemon-system',
  description: 'Libvirt daemon configuration files',
  depends: ['libvirt-clients', 'libvirt-daemon', 'libvirt-daemon-config-network'],
  units: [
    unit('virtlogd', '/usr/sbin/virtlogd', 'Virtual machine log manager'),
    unit('libvirtd', '/usr/sbin/libvirtd', 'Virtualization daemon'),
  ],
});

/** Debian's packages of libvirt. */
export const libvirtPackages: readonly DebPackage[] = [
  libvirtDaemon,
  libvirtClients,
  configNetwork,
  daemonSystem,
];
