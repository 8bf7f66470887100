import type { FileSystem, Machine } from '../machine/index.ts';
import { GROUP, HOST_CONF, MOTD, NSSWITCH, OS_RELEASE, PASSWD } from './etc.ts';

const DIRECTORIES: readonly (readonly [path: string, mode?: number])[] = [
  ['/boot'],
  ['/etc'],
  ['/etc/default'],
  ['/etc/init.d'],
  ['/etc/network'],
  ['/etc/sysctl.d'],
  ['/etc/systemd/system'],
  ['/home'],
  ['/media'],
  ['/mnt'],
  ['/opt'],
  ['/root', 0o755],
  ['/run'],
  ['/run/lock', 0o1777],
  ['/srv'],
  ['/sys', 0o555],
  ['/tmp', 0o1777],
  ['/usr/bin'],
  ['/usr/sbin'],
  ['/usr/lib'],
  ['/usr/lib/sysctl.d'],
  ['/usr/local/bin'],
  ['/usr/local/sbin'],
  ['/usr/share'],
  ['/usr/share/doc'],
  ['/var/backups'],
  ['/var/cache'],
  ['/var/lib'],
  ['/var/lib/misc'],
  ['/var/log'],
  ['/var/mail'],
  ['/var/spool'],
  ['/var/tmp', 0o1777],
  ['/var/www'],
];

/** Debian's merged /usr, and what moved to /run. */
const LINKS: readonly (readonly [path: string, target: string])[] = [
  ['/bin', 'usr/bin'],
  ['/sbin', 'usr/sbin'],
  ['/lib', 'usr/lib'],
  ['/lib64', 'usr/lib'],
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
  ['/etc/os-release', '../usr/lib/os-release'],
  ['/etc/mtab', '../proc/self/mounts'],
];

/** Lays out the files that every Debian system has. */
export function layOutTree(fs: FileSystem, machine: Machine): void {
  for (const [path, mode] of DIRECTORIES) {
    fs.mkdir(path, { recursive: true });
    if (mode !== undefined) fs.chmod(path, mode);
  }
  for (const [path, target] of LINKS) fs.symlink(target, path);
  const files: Readonly<Record<string, string>> = {
    '/etc/passwd': PASSWD,
    '/etc/group': GROUP,
    '/etc/hostname': `${machine.hostname}\n`,
    '/etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${machine.hostname}\n`,
    '/etc/resolv.conf': '',
    '/etc/nsswitch.conf': NSSWITCH,
    '/etc/host.conf': HOST_CONF,
    '/usr/lib/os-release': OS_RELEASE,
    '/etc/debian_version': '12.11\n',
    '/etc/issue': 'Debian GNU/Linux 12 \\n \\l\n\n',
    '/etc/motd': MOTD,
    '/etc/shells':
      '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n',
    '/etc/sysctl.conf':
      '#\n# /etc/sysctl.conf - Configuration file for setting system variables\n# See /etc/sysctl.d/ for additional system variables.\n# See sysctl.conf (5) for information.\n#\n',
    '/var/log/syslog': '',
    '/var/log/dmesg': '',
  };
  for (const [path, content] of Object.entries(files)) fs.writeFile(path, content);
}
