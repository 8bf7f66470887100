export { type DiffLine, diffOutput } from './diff.ts';
export {
  compileOutput,
  type ExpectedLine,
  hasPrinted,
  matchOutput,
  outputLines,
} from './output.ts';
export { type Agreement, compareRuns, type RecordedCommand } from './recording.ts';
export { Renaming } from './renaming.ts';
