export { utilLinuxPackage } from './package.ts';
