export { DEFAULT_USER_CONFIG, parseHostForward } from './config.ts';
export { addForward, openUser, type UserNetdev } from './open.ts';
export { UserNet } from './user-net.ts';
