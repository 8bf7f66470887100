import type { InetAddr } from '@labwire/devices/rtnetlink';
import { parseInet, sameInet } from '../libc-net/index.ts';
import type { FileSystem } from '../machine/index.ts';

/** A line of /etc/hosts. */
export interface HostsEntry {
  readonly addr: InetAddr;
  /** The canonical name first. */
  readonly names: readonly string[];
}

/** The entries of /etc/hosts as this mount namespace shows it; none if there is no such file. */
export function readHosts(fs: FileSystem): HostsEntry[] {
  if (!fs.exists('/etc/hosts')) return [];
  const entries: HostsEntry[] = [];
  for (const line of fs.readText('/etc/hosts').split('\n')) {
    const [at, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const addr = at === undefined ? undefined : parseInet(at);
    if (addr !== undefined && names.length > 0) entries.push({ addr, names });
  }
  return entries;
}

/** The entries that carry a name, whatever its case. */
export function hostsByName(fs: FileSystem, name: string): HostsEntry[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  return readHosts(fs).filter((e) => e.names.some((n) => n.toLowerCase() === wanted));
}

/** The first entry of an address. */
export function hostsByAddr(fs: FileSystem, addr: InetAddr): HostsEntry | undefined {
  return readHosts(fs).find((e) => sameInet(e.addr, addr));
}
