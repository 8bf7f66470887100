export { bsdextrautilsPackage } from './package.ts';
