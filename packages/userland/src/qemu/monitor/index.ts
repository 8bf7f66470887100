export type { MachineStatus } from './commands.ts';
export { Monitor } from './monitor.ts';
