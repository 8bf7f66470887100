export { netplanPackage } from './package.ts';
