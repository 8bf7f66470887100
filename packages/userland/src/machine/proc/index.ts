export { mountProc } from './mount-proc.ts';
