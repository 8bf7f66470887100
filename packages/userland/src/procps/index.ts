export { procpsPackage } from './package.ts';
