export * from './arbitraries.ts';
export * from './checks.ts';
export * from './examine.ts';
export * from './law.ts';
export * from './laws/index.ts';
export {
  checkRules,
  findTranslations,
  type Hints,
  type OwnRules,
  surround,
  type Translation,
} from './own/index.ts';
export * from './packet.ts';
export { type LabTexts, printLab, sendCommand } from './print-lab.ts';
export { rfcOf, scoreboard, scoreRow } from './scoreboard.ts';
export { play } from './simulated.ts';
export { type Network, playIn } from './stage.ts';
export type { Scenario, Step } from './steps.ts';
export * from './subject.ts';
export { frontMatter, type Machine, type Topology, USER_MODE } from './topology.ts';
export { type Arrival, type StepTrace, Trace } from './trace.ts';
