export { networkManagerPackage } from './package.ts';
