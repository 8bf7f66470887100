export { dumpConfig } from './dump.ts';
export { configFiles, loadConfig, NetplanConfig } from './load.ts';
export type { NetDef, Settings } from './net-def.ts';
export { NetplanError } from './netplan-error.ts';
export { NO_FILE, Source } from './source.ts';
