export { isActive, reload, start, stop } from './control.ts';
export { systemdPackage, systemdSysv } from './package.ts';
