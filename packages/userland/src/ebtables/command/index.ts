export type { EbtCommand, EbtLetter } from './command.ts';
export { EbtCommandParser } from './parse.ts';
export { runEbtCommand } from './run.ts';
