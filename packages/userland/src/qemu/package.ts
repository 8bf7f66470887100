import { type DebPackage, type FileSystem, withManual } from '../machine/index.ts';
import { bridgeHelper } from './bridge-helper.ts';
import { qemuManual } from './manual.ts';
import { DEFAULT_HELPER } from './net/index.ts';
import { qemu } from './qemu.ts';

const documented = withManual(qemu, qemuManual);

/** Sets a tap up and puts it into the bridge that the default route leads through, if it is one. */
const IFUP = `#!/bin/sh
ip link set "$1" up
for dev in $(ip route list default | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") print $(i + 1) }'); do
  if [ -d "/sys/class/net/$dev/bridge" ]; then
    exec ip link set "$1" master "$dev"
  fi
done
echo "W: $0: no bridge for guest interface found" >&2
`;
const IFDOWN = '#!/bin/sh\n:\n';

function script(fs: FileSystem, path: string, text: string): void {
  fs.writeFile(path, text);
  fs.chmod(path, 0o755);
}

/** qemu-system-x86: QEMU full system emulation binaries (x86). `qemu-kvm` is what other distributions call it. */
export const qemuSystemX86: DebPackage = {
  name: 'qemu-system-x86',
  version: '1:7.2+dfsg-7+deb12u18+b3',
  description: 'QEMU full system emulation binaries (x86)',
  preinstalled: false,
  depends: ['qemu-system-common'],
  programs: {
    '/usr/bin/qemu-system-x86_64': documented,
    '/usr/bin/qemu-system-i386': documented,
    '/usr/bin/kvm': documented,
    '/usr/bin/qemu-kvm': documented,
  },
};

/** qemu-system-common: what all of QEMU's emulators share. */
export const qemuSystemCommon: DebPackage = {
  name: 'qemu-system-common',
  version: '1:7.2+dfsg-7+deb12u18+b3',
  description: 'QEMU full system emulation binaries (common files)',
  preinstalled: false,
  programs: { [DEFAULT_HELPER]: bridgeHelper },
  install: (fs) => {
    script(fs, '/etc/qemu-ifup', IFUP);
    script(fs, '/etc/qemu-ifdown', IFDOWN);
  },
};
