/** The name of a socket of the family: a path of the file tree, or a name of the namespace's own, with no file. unix(7) */
export interface UnixName {
  readonly abstract: boolean;
  /** Without the zero byte before an abstract one. */
  readonly name: string;
}

/** Longest path or abstract name, in bytes. `UNIX_PATH_MAX` */
export const UNIX_PATH_MAX = 108;

/** A name as `ss` and /proc/net/unix show it: `/run/a.sock`, `@name`. */
export function formatUnixName(name: UnixName): string {
  return name.abstract ? `@${name.name}` : name.name;
}
