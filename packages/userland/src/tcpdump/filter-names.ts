import type { InetAddr } from '@labwire/devices/rtnetlink';
import { readProtocols, readServices } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { lookupName, readHosts } from '../resolver/index.ts';
import type { NameTable } from './filter/index.ts';

/** The networks of Debian's /etc/networks. */
const NETWORKS: Readonly<Record<string, number>> = {
  loopback: 0x7f00_0000,
  'link-local': 0xa9fe_0000,
};

/** What the names in an expression may stand for; hosts are asked for beforehand. */
export async function filterNames(proc: Process, expression: string): Promise<NameTable> {
  const hosts = new Map<string, readonly InetAddr[]>();
  const known = new Set(readHosts(proc.fs).flatMap((e) => e.names));
  for (const word of new Set(expression.match(/[A-Za-z][\w.-]*/g) ?? [])) {
    if (!known.has(word) && !word.includes('.')) continue;
    const found = await lookupName(proc, word);
    if (!('error' in found))
      hosts.set(
        word,
        found.addrs.map((a) => a.addr),
      );
  }
  const services = readServices(proc.fs);
  const protocols = readProtocols(proc.fs);
  return {
    host: (name) => hosts.get(name) ?? [],
    service: (name, proto) =>
      services.find((s) => s.proto === proto && (s.name === name || s.aliases.includes(name)))
        ?.port,
    protocol: (name) => protocols.find((p) => p.name === name || p.aliases.includes(name))?.number,
    network: (name) => NETWORKS[name],
  };
}
