export { virtinst } from './package.ts';
