import { serviceByName } from '../libc-net/index.ts';
import type { FileSystem } from '../machine/index.ts';

/** Names that are looked up in the files of the machine. */
export interface Names {
  /** The number of an IP protocol's name. */
  protocolNumber(name: string): number | undefined;
  /** getprotobynumber(3) */
  protocolName(number: number): string | undefined;
  /** The port of a service, of whatever protocol. */
  servicePort(name: string): number | undefined;
}

/** Looks names up in the files of a machine. */
export function namesOf(fs: FileSystem): Names {
  const protocols = (): string[][] =>
    fs.exists('/etc/protocols')
      ? fs
          .readText('/etc/protocols')
          .split('\n')
          .map((l) => l.replace(/#.*/, '').trim().split(/\s+/))
      : [];
  return {
    protocolNumber(name) {
      const row = protocols().find(([own, , ...more]) => own === name || more.includes(name));
      return row === undefined ? undefined : Number(row[1]);
    },
    protocolName: (number) => protocols().find((r) => Number(r[1]) === number)?.[0],
    servicePort: (name) => serviceByName(fs, name)?.port,
  };
}
