export type * from './ast.ts';
export { type Includer, Tokens } from './tokens.ts';
