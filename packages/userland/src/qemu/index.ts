export { DEFAULT_USER_CONFIG, UserNet } from './net/index.ts';
export { qemuSystemCommon, qemuSystemX86 } from './package.ts';
