export * from './compare/index.ts';
export { allMachines, type LabConfig, type MachineConfig } from './config/index.ts';
export { LabError } from './document/index.ts';
export { type Lab, type LabText, loadLab, MAX_LAB_LENGTH, type Step } from './lab.ts';
export * from './report/index.ts';
export * from './run/index.ts';
