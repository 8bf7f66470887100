export { kmodPackage } from './package.ts';
