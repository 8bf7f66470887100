export { FragRuns, type FragVerdict } from './frag-runs.ts';
