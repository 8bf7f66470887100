export { bitmapFile } from './bitmap.ts';
export {
  intFile,
  intsFile,
  msFile,
  type Range,
  readOnlyFile,
  secondsFile,
  textFile,
  userHzFile,
} from './kinds.ts';
export { checkRange, parseInts } from './parse.ts';
export type { SysctlFile, SysctlTable } from './sysctl-file.ts';
export { type SysctlEntry, SysctlTree } from './sysctl-tree.ts';
