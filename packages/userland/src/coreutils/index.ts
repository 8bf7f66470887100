export { coreutilsPackage } from './package.ts';
