export { openPort } from './open-port.ts';
export type { Outside, Port } from './port.ts';
