export { compileFilter, type FilterInput } from './compile.ts';
export { FilterError } from './filter-error.ts';
export { type Filter, PacketView } from './packet-view.ts';
export type { NameTable } from './primitives.ts';
