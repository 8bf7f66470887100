export { FileHandle, type OpenFlags } from './file-handle.ts';
export { FileSystem, type Stat, type WriteOptions } from './file-system.ts';
export {
  type Caller,
  type FileType,
  InodeTable,
  type VirtualDevice,
  type VirtualDir,
  type VirtualFile,
  type VirtualLink,
  type VirtualNode,
} from './inode.ts';
export { MountNamespace } from './mount-namespace.ts';
export { MAY_EXEC, MAY_READ, MAY_WRITE } from './permission.ts';
