export type { FileSystem, FileType, Stat, VirtualFile } from './file-system.ts';
export { Machine, type MachineOptions } from './machine.ts';
export { type OpenFile, openPipe } from './open-file.ts';
export type { DebPackage, Unit } from './package.ts';
export { type PollItem, Process, type Program, type SpawnOptions } from './process.ts';
export {
  ProcessExit,
  SIGCHLD,
  SIGHUP,
  SIGINT,
  SIGKILL,
  SIGNALS,
  SIGPIPE,
  SIGQUIT,
  SIGTERM,
  SignalDeath,
} from './signal.ts';
