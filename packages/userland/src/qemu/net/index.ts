export { DEFAULT_HELPER, HELPER_FD } from './bridge.ts';
export { NETDEV_HELP, openNetdev } from './clients.ts';
export type { NetContext, Netdev } from './netdev.ts';
export { addForward, DEFAULT_USER_CONFIG, parseHostForward, UserNet } from './user/index.ts';
