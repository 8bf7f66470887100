export { ebtablesPackage } from './package.ts';
