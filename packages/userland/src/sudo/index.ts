export { sudoPackage } from './package.ts';
