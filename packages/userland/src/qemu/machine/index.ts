export { type EmulatedNic, Emulator } from './emulator.ts';
export { Networks } from './networks.ts';
export { readSettings, type Settings } from './settings.ts';
