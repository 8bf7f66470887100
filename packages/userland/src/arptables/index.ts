export { arptablesPackage } from './package.ts';
