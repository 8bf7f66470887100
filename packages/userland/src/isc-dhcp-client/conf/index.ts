export type { ClientConfig, DhclientConf, OptionChange } from './client-conf.ts';
export { Lexer } from './lexer.ts';
export { type Complain, emptyConf, StatementReader } from './statements.ts';
