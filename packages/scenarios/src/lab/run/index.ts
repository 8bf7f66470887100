export { describeBug } from './bug.ts';
export { type RunListener, type RunOptions, type RunResult, runLab } from './lab-run.ts';
export { type CommandResult, type Summary, summarise } from './result.ts';
export { setUpMachines } from './set-up.ts';
export type { Advance } from './typed.ts';
export { whatRuns } from './waits.ts';
