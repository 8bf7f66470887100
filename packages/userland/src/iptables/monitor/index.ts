export { monitorManual } from './options.ts';
export { xtablesMonitor } from './program.ts';
