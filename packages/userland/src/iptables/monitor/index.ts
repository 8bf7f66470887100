export { xtablesMonitor } from './program.ts';
