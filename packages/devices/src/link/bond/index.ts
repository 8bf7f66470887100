export { Bond } from './bond.ts';
export { LINK_UP, MODE_ACTIVEBACKUP, MODE_XOR } from './constants.ts';
export type { Slave } from './slave.ts';
