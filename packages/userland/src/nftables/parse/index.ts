export type * from '../syntax/index.ts';
export type { Includer } from '../syntax/index.ts';
export { parseCommands } from './command.ts';
