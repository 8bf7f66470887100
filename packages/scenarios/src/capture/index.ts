export { MachineCapture, wireBytes } from './machine-capture.ts';
