export { debianutilsPackage, lessPackage, manPackage, ncursesPackage } from './package.ts';
