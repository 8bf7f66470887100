export { runProgram } from './exec.ts';
export { netnsOfId } from './ids.ts';
export { ipNetns, netnsManual } from './netns.ts';
export { findNetns, switchNetns } from './nsfs.ts';
