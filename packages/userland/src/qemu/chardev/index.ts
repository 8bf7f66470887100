export type { Chardev, CharPeer } from './chardev.ts';
export { openChardev } from './open.ts';
export { SerialPort } from './serial.ts';
export { showAddress } from './socket-chardev.ts';
export { type CharSpec, chardevSpec, parseCompatSpec } from './spec.ts';
