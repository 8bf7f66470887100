export type * from './ast.ts';
export { parseCommands } from './command.ts';
export type { Includer } from './tokens.ts';
