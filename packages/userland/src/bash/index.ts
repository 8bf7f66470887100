export { bashPackage, dashPackage } from './package.ts';
