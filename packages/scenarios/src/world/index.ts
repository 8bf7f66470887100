export { buildWorld, type World } from './build.ts';
export { type GuestListener, Guests } from './guests.ts';
