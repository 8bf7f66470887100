export { MachineCapture } from './machine-capture.ts';
