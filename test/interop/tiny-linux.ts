import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Linux that boots in seconds under plain emulation. */
export interface TinyLinux {
  readonly kernel: string;
  readonly initrd: string;
}

/** Changes with what {@link build} makes. */
const EDITION = 4;
const CACHE = join(tmpdir(), `labwire-tiny-linux-${EDITION}-${process.getuid?.() ?? 'user'}`);
const META = 'linux-image-cloud-amd64';
const TOOLS = ['apt-get', 'apt-cache', 'dpkg-deb', 'cpio'];

/** Drivers of a NIC of virtio. */
const NIC_MODULES = /^(virtio|virtio_ring|virtio_net|virtio_pci\w*|failover|net_failover)\.ko$/;

/** The first program: what a NIC of virtio needs, a lease for each NIC, then a shell at the console. */
const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
dmesg -n 1
# in no order: a module whose needs are not there yet is tried again
for round in 1 2 3 4; do for m in /lib/*.ko; do insmod $m 2>/dev/null; done; done
hostname tiny
ip link set lo up
cd /sys/class/net
for nic in eth*; do
  [ -d $nic ] || continue
  ip link set $nic up
  udhcpc -b -i $nic -x hostname:tiny
done
export PS1='tiny# ' HOME=/
cd /
# a session of its own, for Ctrl-C
while :; do setsid cttyhack sh; done
`;

/** What udhcpc does with a lease. */
const LEASE = `#!/bin/sh
case "$1" in bound | renew) ;; *) exit 0 ;; esac
ip addr replace "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route replace default via "$router"
for server in $dns; do echo "nameserver $server"; done > /etc/resolv.conf
`;

/**
 * A Linux made of Debian's kernel and busybox, which are fetched once and kept in the directory for temporary files.
 * @returns why there can be none, if so
 */
export function tinyLinux(): TinyLinux | string {
  const linux = { kernel: join(CACHE, 'vmlinuz'), initrd: join(CACHE, 'initrd') };
  if (existsSync(linux.kernel) && existsSync(linux.initrd)) return linux;
  const missing = TOOLS.find((tool) => spawnSync('which', [tool]).status !== 0);
  if (missing !== undefined) return `a tiny Linux needs ${missing}`;
  const work = mkdtempSync(join(tmpdir(), 'labwire-tiny-'));
  try {
    build(work);
    rmSync(CACHE, { recursive: true, force: true });
    renameSync(join(work, 'done'), CACHE);
    return linux;
  } catch (e) {
    return `no tiny Linux could be made: ${(e as Error).message}`;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function build(work: string): void {
  const image = /^\s*Depends: (linux-image-\S+)/m.exec(run(work, 'apt-cache', 'depends', META));
  run(work, 'apt-get', 'download', image?.[1] ?? META, 'busybox-static');
  const files = join(work, 'files');
  for (const deb of readdirSync(work).filter((name) => name.endsWith('.deb')))
    run(work, 'dpkg-deb', '-x', deb, files);
  const root = join(work, 'root');
  for (const dir of ['bin', 'dev', 'etc/udhcpc', 'lib', 'proc', 'sys', 'tmp', 'www'])
    mkdirSync(join(root, dir), { recursive: true });
  for (const path of readdirSync(files, { recursive: true, encoding: 'utf8' })) {
    const name = path.split('/').at(-1) ?? '';
    if (path.endsWith('bin/busybox')) copyFileSync(join(files, path), join(root, 'bin/busybox'));
    if (NIC_MODULES.test(name)) copyFileSync(join(files, path), join(root, 'lib', name));
  }
  script(join(root, 'init'), INIT);
  script(join(root, 'etc/udhcpc/default.script'), LEASE);
  mkdirSync(join(work, 'done'));
  const boot = join(files, 'boot');
  const kernel = readdirSync(boot).find((name) => name.startsWith('vmlinuz'));
  copyFileSync(join(boot, kernel ?? 'vmlinuz'), join(work, 'done/vmlinuz'));
  run(root, 'sh', '-c', 'find . | cpio -o -H newc --quiet | gzip -1 > ../done/initrd');
}

function script(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** @throws Error with what the program has said last */
function run(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command}: ${stderr.trim().split('\n').at(-1) ?? 'failed'}`);
}
