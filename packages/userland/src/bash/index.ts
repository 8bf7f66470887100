export { bashPackage, dashPackage } from './package.ts';
export { isIncomplete, parseText } from './parse/index.ts';
