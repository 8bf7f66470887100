export type { DomainServer } from './domain-server.ts';
export type { ServerRange, ServerTable, ServerWish } from './server-table.ts';
export { Servers, showAddress } from './servers.ts';
export { bindSource } from './source-socket.ts';
