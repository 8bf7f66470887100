export { type CommandRecord, commandRecord, JsonReport } from './json-report.ts';
export { type Paint, PLAIN, summaryLine, TextReport } from './text-report.ts';
