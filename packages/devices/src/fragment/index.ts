export { asItCame } from './as-it-came.ts';
export { joinedEcn } from './ecn.ts';
export { FragRuns, type FragVerdict } from './frag-runs.ts';
