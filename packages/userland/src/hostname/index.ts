export { hostnamePackage } from './package.ts';
