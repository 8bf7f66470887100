export { DEFAULT_PATH, exec, findProgram } from './exec.ts';
export {
  type Caller,
  FileHandle,
  FileSystem,
  type FileType,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  type OpenFlags,
  type Stat,
  type VirtualDevice,
  type VirtualDir,
  type VirtualFile,
  type VirtualLink,
  type VirtualNode,
  type WriteOptions,
} from './fs/index.ts';
export type { GuestImage, GuestRequest, GuestWorld, PoweredGuest } from './guest-world.ts';
export { Journal, type JournalEntry } from './journal.ts';
export { KERNEL_VERSIONS, type KernelVersion } from './kernel-version.ts';
export { Machine, type MachineOptions, type PowerSwitch } from './machine.ts';
export {
  type Manual,
  type ManualRow,
  type ManualSection,
  type Program,
  rowsOf,
  withManual,
} from './manual.ts';
export { type OpenFile, openPipe } from './open-file.ts';
export type { DebPackage, Unit } from './package.ts';
export {
  type PollItem,
  Process,
  type SignalHandler,
  type SpawnOptions,
} from './process.ts';
export { controllingTty } from './raw-tty.ts';
export type {
  RealGuest,
  RealGuestRequest,
  RealGuestState,
  RealHypervisor,
  RealNic,
} from './real-guest.ts';
export { ServiceState } from './service-state.ts';
export {
  ProcessExit,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGINT,
  SIGKILL,
  SIGNALS,
  SIGPIPE,
  SIGQUIT,
  SIGTERM,
  SignalDeath,
  signalDescription,
  signalNumber,
} from './signal.ts';
export {
  type LoginShell,
  type RunOptions,
  Terminal,
  type TerminalOptions,
  TerminalRun,
} from './terminal.ts';
export { Tty, type WindowSize } from './tty.ts';
export { openTun, TunDeviceFile } from './tun-device.ts';
