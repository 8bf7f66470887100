import type { VirtualDir, VirtualFile, VirtualNode } from '../fs/index.ts';
import { KERNEL_VERSIONS } from '../kernel-version.ts';
import type { Machine } from '../machine.ts';
import { PROC_NET } from './net.ts';
import { processDir } from './process-dir.ts';
import { procSys } from './sys.ts';

const FILESYSTEMS =
  'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tpipefs\nnodev\tsockfs\n\text4\n';
const MODULES =
  'bridge 311296 0 - Live 0x0000000000000000\nveth 36864 0 - Live 0x0000000000000000\n';
const MEMINFO =
  'MemTotal:        2030576 kB\nMemFree:         1544700 kB\nMemAvailable:    1717204 kB\nBuffers:           21432 kB\nCached:           272484 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n';
const CPUINFO =
  'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Labwire virtual CPU\ncpu MHz\t\t: 1000.000\ncpu cores\t: 1\n\n';

/** Fills /proc. Linux fs/proc */
export function mountProc(machine: Machine): void {
  const { fs } = machine;
  const text = (read: () => string): VirtualFile => ({ read });
  const uptime = () => machine.kernel.sim.now / 1e9;
  const root: Readonly<Record<string, VirtualNode>> = {
    cmdline: text(() => 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet\n'),
    cpuinfo: text(() => CPUINFO),
    filesystems: text(() => FILESYSTEMS),
    loadavg: text(() => `0.00 0.00 0.00 1/${machine.processes.size} ${lastPid(machine)}\n`),
    meminfo: text(() => MEMINFO),
    modules: text(() => MODULES),
    mounts: { readlink: () => 'self/mounts' },
    net: { readlink: () => 'self/net' },
    self: { readlink: (caller) => String(caller.self?.pid ?? 1) },
    'thread-self': {
      readlink: (caller) => `${caller.self?.pid ?? 1}/task/${caller.self?.pid ?? 1}`,
    },
    sys: procSys(machine),
    uptime: text(() => `${uptime().toFixed(2)} ${uptime().toFixed(2)}\n`),
    version: text(() => {
      const { release, compiler, version } = KERNEL_VERSIONS[machine.kernel.profile];
      return `Linux version ${release} ${compiler} ${version}\n`;
    }),
  };
  const proc: VirtualDir = {
    list: () => [...[...machine.processes.keys()].map(String), ...Object.keys(root)],
    lookup: (name) => {
      const running = /^\d+$/.test(name) ? machine.processes.get(Number(name)) : undefined;
      return running === undefined ? root[name] : processDir(running, PROC_NET);
    },
  };
  fs.addVirtual('/proc', proc);
}

function lastPid(machine: Machine): number {
  return Math.max(...machine.processes.keys());
}
