export * from './flags.ts';
export { Tun } from './tun.ts';
export { type TunBackend, type TunCaller, TunFile } from './tun-file.ts';
