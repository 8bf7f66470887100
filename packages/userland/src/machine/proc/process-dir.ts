import type { Caller, VirtualDir, VirtualNode } from '../fs/index.ts';
import type { Process } from '../process.ts';

/** A directory whose entries are the same for every caller. */
export function fixedDir(entries: Readonly<Record<string, VirtualNode>>): VirtualDir {
  return {
    list: () => Object.keys(entries),
    lookup: (name) => (Object.hasOwn(entries, name) ? entries[name] : undefined),
  };
}

/** /proc/PID. Linux fs/proc/base.c */
export function processDir(proc: Process, net: VirtualDir): VirtualDir {
  return fixedDir({
    cmdline: { read: () => proc.argv.map((a) => `${a}\0`).join('') },
    cgroup: { read: () => `0::${proc.cgroup}\n` },
    comm: { read: () => `${proc.comm}\n` },
    cwd: { readlink: () => proc.cwd },
    environ: { read: () => [...proc.env].map(([k, v]) => `${k}=${v}\0`).join(''), mode: 0o400 },
    exe: { readlink: () => `/usr/bin/${proc.comm}` },
    fd: descriptorDir(proc),
    mounts: { read: () => MOUNTS },
    net: ofNetns(proc, net),
    ns: fixedDir({
      mnt: { readlink: () => 'mnt:[4026531841]' },
      net: { readlink: () => `net:[${proc.netns.ino}]`, netns: proc.netns },
      pid: { readlink: () => 'pid:[4026531836]' },
      user: { readlink: () => 'user:[4026531837]' },
      uts: { readlink: () => 'uts:[4026531838]' },
    }),
    root: { readlink: () => '/' },
    stat: {
      read: () => `${proc.pid} (${proc.comm}) S ${proc.ppid} ${proc.pgid} ${proc.pgid} 0 -1\n`,
    },
    status: { read: () => status(proc) },
  });
}

const MOUNTS =
  '/dev/sda1 / ext4 rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\nsysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\ntmpfs /run tmpfs rw,nosuid,nodev,size=203060k,mode=755 0 0\n';

function status(proc: Process): string {
  const ids = (id: number) => `${id}\t${id}\t${id}\t${id}`;
  return `Name:\t${proc.comm}
Umask:\t${proc.umask.toString(8).padStart(4, '0')}
State:\tS (sleeping)
Tgid:\t${proc.pid}
Ngid:\t0
Pid:\t${proc.pid}
PPid:\t${proc.ppid}
TracerPid:\t0
Uid:\t${ids(proc.uid)}
Gid:\t${ids(proc.gid)}
FDSize:\t64
Threads:\t1
`;
}

function descriptorDir(proc: Process): VirtualDir {
  return {
    list: () => [...proc.fds.keys()].map(String),
    lookup: (name) => {
      const file = proc.fds.get(Number(name));
      return file === undefined ? undefined : { open: () => file };
    },
  };
}

/** Shows a directory's files as the namespace of `proc` has them, whoever reads. */
function ofNetns(proc: Process, dir: VirtualDir): VirtualDir {
  const as = (caller: Caller): Caller => ({
    uid: caller.uid,
    gid: caller.gid,
    netns: proc.netns,
    self: caller.self,
  });
  return {
    list: (caller) => dir.list(as(caller)),
    lookup: (name, caller) => {
      const node = dir.lookup(name, as(caller));
      if (node === undefined || !('read' in node)) return node;
      return { ...node, read: (reader) => node.read(as(reader)) };
    },
  };
}
