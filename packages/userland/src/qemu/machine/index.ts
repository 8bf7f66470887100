export { Characters } from './characters.ts';
export { type EmulatedNic, Emulator } from './emulator.ts';
export { addDevice, addNetdev, Networks } from './networks.ts';
export { Objects } from './objects.ts';
export { readSettings, type Settings } from './settings.ts';
