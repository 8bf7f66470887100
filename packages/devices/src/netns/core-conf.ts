import type { Kernel } from './kernel.ts';
import type { Netns } from './netns.ts';
import { intFile, readOnlyFile, type SysctlTable } from './sysctl/index.ts';

/** Settings of a whole machine under /proc/sys/net/core. Linux net/core/sysctl_net_core.c. */
export interface CoreConf {
  /** Bytes of a new socket's buffers. */
  readonly rmemDefault: number;
  readonly wmemDefault: number;
  /** Bytes that SO_RCVBUF and SO_SNDBUF may ask for. */
  readonly rmemMax: number;
  readonly wmemMax: number;
  /** Frames that may wait for a receiving device. */
  readonly netdevMaxBacklog: number;
}

/** The settings that a machine boots with. */
export const CORE_CONF_DEFAULT: CoreConf = Object.freeze({
  rmemDefault: 212_992,
  wmemDefault: 212_992,
  rmemMax: 4_194_304,
  wmemMax: 4_194_304,
  netdevMaxBacklog: 1000,
});

/** SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF. */
const MIN_RCVBUF = 2304;
const MIN_SNDBUF = 4608;

function coreFile(name: string, field: keyof CoreConf, min?: number) {
  return intFile<Kernel>(
    name,
    (kernel) => kernel.core[field],
    (kernel, v) => {
      kernel.core = { ...kernel.core, [field]: v };
    },
    min === undefined ? {} : { min },
  );
}

const MEM_FILES = [
  coreFile('rmem_default', 'rmemDefault', MIN_RCVBUF),
  coreFile('rmem_max', 'rmemMax', MIN_RCVBUF),
  coreFile('wmem_default', 'wmemDefault', MIN_SNDBUF),
  coreFile('wmem_max', 'wmemMax', MIN_SNDBUF),
];

const kernelOf = (netns: Netns): Kernel => netns.kernel;
const isInit = (netns: Netns): boolean => netns === netns.kernel.initNetns;

const INIT_TABLE: SysctlTable<Netns, Kernel> = {
  dir: 'net/core',
  when: isInit,
  of: kernelOf,
  files: [...MEM_FILES, coreFile('netdev_max_backlog', 'netdevMaxBacklog')],
};

const OTHER_TABLE: SysctlTable<Netns, Kernel> = {
  dir: 'net/core',
  when: (netns) => !isInit(netns),
  of: kernelOf,
  files: MEM_FILES.map((file) => readOnlyFile(file.name, file.read)),
};

const NETNS_TABLE: SysctlTable<Netns, Netns> = {
  dir: 'net/core',
  of: (netns) => netns,
  files: [
    intFile(
      'somaxconn',
      (netns) => netns.somaxconn,
      (netns, v) => {
        netns.somaxconn = v;
      },
      { min: 0 },
    ),
  ],
};

/** The files of /proc/sys/net/core: those of the machine can be written in its first namespace alone. */
export const CORE_SYSCTLS: readonly SysctlTable<Netns>[] = [INIT_TABLE, OTHER_TABLE, NETNS_TABLE];
