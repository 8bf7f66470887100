/** What /etc/protocols and /etc/services call numbers. */

import { serviceByName } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';

/** Names of one machine. */
export interface IpsetNames {
  protocolNumber(name: string): number | undefined;
  protocolName(n: number): string | undefined;
  servicePort(name: string, proto: string): number | undefined;
}

/** Looks names up in a machine's files. */
export function ipsetNames(proc: Process): IpsetNames {
  const rows = (): string[][] =>
    proc.fs.exists('/etc/protocols')
      ? proc.fs
          .readText('/etc/protocols')
          .split('\n')
          .map((l) => l.replace(/#.*/, '').trim().split(/\s+/))
      : [];
  return {
    protocolNumber(name) {
      const row = rows().find(
        ([own, , ...alias]) =>
          own === name || alias.includes(name) || (name === 'icmpv6' && own === 'ipv6-icmp'),
      );
      return row === undefined ? undefined : Number(row[1]);
    },
    protocolName: (n) => rows().find((r) => Number(r[1]) === n)?.[0],
    servicePort: (name, proto) =>
      /^\d+$/.test(name) ? undefined : serviceByName(proc.fs, name, proto)?.port,
  };
}
