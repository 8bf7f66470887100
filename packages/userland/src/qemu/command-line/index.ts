export { OPTION_TABLE } from './option-table.ts';
export { Opts } from './opts.ts';
export { type Item, parseCommandLine } from './parse.ts';
