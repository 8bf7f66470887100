import { serviceByName } from '../libc-net/index.ts';
import type { FileSystem } from '../machine/index.ts';

/** Names that are looked up in the files of the machine. */
export interface Names {
  /** The number of an IP protocol, by name or number. */
  protocolNumber(name: string): number | undefined;
  protocolName(number: number): string | undefined;
  /** The port of a service, by name or number. */
  port(name: string): number | undefined;
}

/** An unsigned number up to a limit; undefined for anything else. */
export function unsigned(text: string, max: number): number | undefined {
  if (!/^(0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  const n = Number(text);
  return n <= max ? n : undefined;
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
    protocolNumber: (name) => {
      const row = protocols().find(([own, , ...more]) => own === name || more.includes(name));
      return unsigned(name, 255) ?? (row === undefined ? undefined : Number(row[1]));
    },
    protocolName: (number) => protocols().find((r) => Number(r[1]) === number)?.[0],
    port: (name) => unsigned(name, 65_535) ?? serviceByName(fs, name)?.port,
  };
}
