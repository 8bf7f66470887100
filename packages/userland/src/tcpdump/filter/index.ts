export { compileFilter, type NameTable } from './compile.ts';
export { FilterError } from './filter-error.ts';
export { type Filter, PacketView } from './packet-view.ts';
