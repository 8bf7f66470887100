export { grepPackage } from './package.ts';
export { posixRegExp, type RegExpOptions } from './posix-regexp.ts';
