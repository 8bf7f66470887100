import type { Caller, Inode } from './inode.ts';

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/**
 * Whether the caller may do what `want` (an or of MAY_*) says. Root may do all, but run only what somebody may run.
 * Linux fs/namei.c, generic_permission()
 */
export function permitted(
  inode: Inode,
  want: number,
  caller: Pick<Caller, 'uid' | 'gid'>,
): boolean {
  if (caller.uid === 0)
    return want !== MAY_EXEC || inode.type !== 'file' || (inode.mode & 0o111) !== 0;
  const shift = caller.uid === inode.uid ? 6 : caller.gid === inode.gid ? 3 : 0;
  return ((inode.mode >> shift) & want) === want;
}
