/** What the machine's files and devices call numbers. */
import { fileRows } from '../../libc-net/index.ts';
import type { Process } from '../../machine/index.ts';

/** Names and numbers of one machine and namespace, and how values are to be written. */
export interface Names {
  protocolNumber(name: string): number | undefined;
  protocolName(n: number): string | undefined;
  servicePort(name: string): number | undefined;
  serviceName(port: number): string | undefined;
  ifindex(name: string): number | undefined;
  ifname(index: number): string | undefined;
  userId(name: string): number | undefined;
  userName(id: number): string | undefined;
  groupId(name: string): number | undefined;
  groupName(id: number): string | undefined;
  /** The names of /etc/iproute2/FILE, and of connlabel.conf. */
  table(path: string): ReadonlyMap<string, number>;
  /** Seconds since 1970 now. */
  readonly clock: number;
}

/** Looks names up in the files of a process's machine. */
export function namesOf(proc: Process): Names {
  const cache = new Map<string, string[][]>();
  const file = (path: string, separator = /\s+/): string[][] => {
    let known = cache.get(path);
    if (known === undefined) {
      known = fileRows(proc.fs, path, separator);
      cache.set(path, known);
    }
    return known;
  };
  const number = (row: readonly string[] | undefined, at: number): number | undefined =>
    row === undefined ? undefined : Number.parseInt(row[at] ?? '', 10);
  const devices = proc.netns.devices;
  return {
    protocolNumber: (name) =>
      number(
        file('/etc/protocols').find(([own, , ...alias]) => own === name || alias.includes(name)),
        1,
      ),
    protocolName: (n) => file('/etc/protocols').find((r) => Number(r[1]) === n)?.[0],
    servicePort: (name) =>
      number(
        file('/etc/services').find(([own, , ...alias]) => own === name || alias.includes(name)),
        1,
      ),
    serviceName: (port) =>
      file('/etc/services').find((r) => Number.parseInt(r[1] ?? '', 10) === port)?.[0],
    ifindex: (name) => devices.byName(name)?.ifindex,
    ifname: (index) => devices.byIndex(index)?.name,
    userId: (name) =>
      number(
        file('/etc/passwd', /:/).find((r) => r[0] === name),
        2,
      ),
    userName: (id) => file('/etc/passwd', /:/).find((r) => r[2] === String(id))?.[0],
    groupId: (name) =>
      number(
        file('/etc/group', /:/).find((r) => r[0] === name),
        2,
      ),
    groupName: (id) => file('/etc/group', /:/).find((r) => r[2] === String(id))?.[0],
    table: (path) => new Map(file(path).map(([n = '', name = '']) => [name, Number(n)])),
    clock: Math.floor(proc.machine.wallClock),
  };
}
