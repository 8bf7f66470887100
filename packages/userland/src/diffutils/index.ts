export { diffutilsPackage } from './package.ts';
