export { ipMonitor } from './monitor.ts';
