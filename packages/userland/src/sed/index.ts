export { sedPackage } from './package.ts';
