export { writeFiles } from './files.ts';
export { Networkd } from './networkd.ts';
