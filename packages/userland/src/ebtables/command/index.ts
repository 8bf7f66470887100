export type { EbtCommand, EbtLetter } from './command.ts';
export { OWN_LONGS, SHORTS } from './options.ts';
export { EbtCommandParser } from './parse.ts';
export { runEbtCommand } from './run.ts';
