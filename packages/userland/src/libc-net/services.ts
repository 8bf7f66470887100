import type { FileSystem } from '../machine/index.ts';

/** A line of /etc/services. */
export interface Service {
  readonly name: string;
  readonly port: number;
  readonly proto: string;
  readonly aliases: readonly string[];
}

function parseLine(line: string): Service | undefined {
  const [name, at, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
  const m = /^(\d+)\/(\w+)$/.exec(at ?? '');
  if (name === undefined || m === null) return undefined;
  return { name, port: Number(m[1]), proto: m[2] as string, aliases };
}

/** The services of /etc/services, in its order; none if there is no such file. */
export function readServices(fs: FileSystem): Service[] {
  if (!fs.exists('/etc/services')) return [];
  const found: Service[] = [];
  for (const line of fs.readText('/etc/services').split('\n')) {
    const service = parseLine(line);
    if (service !== undefined) found.push(service);
  }
  return found;
}

/** getservbyname(3); any protocol if `proto` is absent. */
export function serviceByName(fs: FileSystem, name: string, proto?: string): Service | undefined {
  return readServices(fs).find(
    (s) => (s.name === name || s.aliases.includes(name)) && (proto ?? s.proto) === s.proto,
  );
}

/** getservbyport(3); any protocol if `proto` is absent. */
export function serviceByPort(fs: FileSystem, port: number, proto?: string): Service | undefined {
  return readServices(fs).find((s) => s.port === port && (proto ?? s.proto) === s.proto);
}

/** A line of /etc/protocols. */
export interface ProtocolEntry {
  readonly name: string;
  readonly number: number;
  readonly aliases: readonly string[];
}

/** The protocols of /etc/protocols, in its order; none if there is no such file. */
export function readProtocols(fs: FileSystem): ProtocolEntry[] {
  if (!fs.exists('/etc/protocols')) return [];
  return fs
    .readText('/etc/protocols')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter((words) => /^\d+$/.test(words[1] ?? ''))
    .map(([name = '', number, ...aliases]) => ({ name, number: Number(number), aliases }));
}
