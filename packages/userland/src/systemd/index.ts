export { isActive, reload, start, stop } from './control.ts';
export { systemdPackage } from './package.ts';
