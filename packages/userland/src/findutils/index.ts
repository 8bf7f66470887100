export { findutilsPackage } from './package.ts';
