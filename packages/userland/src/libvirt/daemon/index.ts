export { Connection } from './connection.ts';
export type { Libvirtd } from './libvirtd.ts';
export { libvirtd, virtlogd } from './programs.ts';
