export { gawkPackage } from './package.ts';
