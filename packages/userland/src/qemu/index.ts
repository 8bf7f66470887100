export { DEFAULT_USER_CONFIG, parseHostForward, UserNet } from './net/index.ts';
export { qemuSystemCommon, qemuSystemX86 } from './package.ts';
