export { type CapturedRun, runCaptured } from './captured-run.ts';
export { builtInLab, builtInLabNames, readLab, shared } from './lab-files.ts';
