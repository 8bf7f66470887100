export { Connection, DEFAULT_URI } from './connection.ts';
export type { Libvirtd } from './libvirtd.ts';
export { libvirtd, virtlogd } from './programs.ts';
