export { qemuSystemCommon, qemuSystemX86 } from './package.ts';
