export { Opts } from './opts.ts';
export { type Item, parseCommandLine } from './parse.ts';
