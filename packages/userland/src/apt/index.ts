export { aptPackage, dpkgPackage } from './package.ts';
