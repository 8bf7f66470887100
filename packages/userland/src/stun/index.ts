export { type BindingAnswer, BindingServer, changed, type Place } from './binding-server.ts';
export { decodeStun, encodeStun, newRequest } from './exchange.ts';
