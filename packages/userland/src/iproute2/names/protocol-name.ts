import type { FileSystem } from '../../machine/index.ts';
import { parseUnsigned } from '../parse/index.ts';

/** Numbers and names of /etc/protocols. */
function entries(fs: FileSystem): [number, string][] {
  if (!fs.exists('/etc/protocols')) return [];
  const lines = fs.readText('/etc/protocols').split('\n');
  const rows = lines.map((line) => /^(\S+)\s+(\d+)/.exec(line.replace(/#.*/, '')));
  return rows.flatMap((m) => (m === null ? [] : [[Number(m[2]), m[1] as string]]));
}

/** The name of an IP protocol. Source: iproute2 lib/inet_proto.c, inet_proto_n2a(). */
export function inetProtocolName(fs: FileSystem, id: number): string {
  return entries(fs).find(([n]) => n === id)?.[1] ?? `ipproto-${id}`;
}

/** The number of an IP protocol. Source: iproute2 lib/inet_proto.c, inet_proto_a2n(). @returns undefined if it is none */
export function inetProtocolId(fs: FileSystem, text: string): number | undefined {
  return parseUnsigned(text, 255) ?? entries(fs).find(([, name]) => name === text)?.[0];
}
