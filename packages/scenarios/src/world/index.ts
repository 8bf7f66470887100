export { buildWorld, type World } from './build.ts';
export { type DhcpInterface, hasAddress, startDhcpClients } from './dhcp-clients.ts';
export { type GuestListener, Guests } from './guests.ts';
