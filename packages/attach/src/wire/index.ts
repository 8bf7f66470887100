export { parseWire } from './parse-wire.ts';
export type { Wire, WireSink } from './wire.ts';
