import type { FileSystem } from '../machine/index.ts';

/** One line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

/** One line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

function rows(fs: FileSystem, path: string): string[][] {
  if (!fs.exists(path)) return [];
  return fs
    .readText(path)
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));
}

/** All users of /etc/passwd. */
export function readUsers(fs: FileSystem): User[] {
  return rows(fs, '/etc/passwd').map(([name = '', , uid, gid, , home = '/', shell = '']) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
    shell,
  }));
}

/** All groups of /etc/group. */
export function readGroups(fs: FileSystem): Group[] {
  return rows(fs, '/etc/group').map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter((m) => m !== ''),
  }));
}

/** Finds a user by name, or by number if there is none of that name. */
export function findUser(fs: FileSystem, spec: string): User | undefined {
  const users = readUsers(fs);
  return users.find((u) => u.name === spec) ?? users.find((u) => String(u.uid) === spec);
}

/** Names of user and group ids; the number where there is no name. */
export function userNames(fs: FileSystem): {
  user(uid: number): string;
  group(gid: number): string;
} {
  const users = new Map(readUsers(fs).map((u) => [u.uid, u.name]));
  const groups = new Map(readGroups(fs).map((g) => [g.gid, g.name]));
  return {
    user: (uid) => users.get(uid) ?? String(uid),
    group: (gid) => groups.get(gid) ?? String(gid),
  };
}
