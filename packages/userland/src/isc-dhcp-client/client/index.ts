export { DhclientContext } from './context.ts';
export { DeviceClient } from './device-client.ts';
export { LeaseFile } from './lease-file.ts';
export { openFallback } from './lpf.ts';
export { runScript } from './script.ts';
