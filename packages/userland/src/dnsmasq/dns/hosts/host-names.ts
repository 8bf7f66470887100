import { KernelError, strerror } from '@labwire/core/error';
import type { InetAddr } from '@labwire/devices/rtnetlink';
import { formatInet, sameInet } from '../../../libc-net/index.ts';
import type { Daemon } from '../../daemon.ts';
import { domainOf } from '../../domains/index.ts';
import { canonicalise, isPlainName } from '../../options/index.ts';
import {
  type Cache,
  cacheEntry,
  F_CNAME,
  F_CONFIG,
  F_DHCP,
  F_FORWARD,
  F_HOSTS,
  F_IMMORTAL,
  F_IPV4,
  F_IPV6,
  F_NEG,
  F_OURS,
  F_REVERSE,
} from '../cache/index.ts';
import { HostsDirs } from './hosts-dirs.ts';
import { hostsLines } from './hosts-text.ts';
import { makeNonTerminals } from './non-terminals.ts';

const HOSTS_FILE = '/etc/hosts';

function familyFlag(addr: InetAddr): number {
  return typeof addr === 'number' ? F_IPV4 : F_IPV6;
}

/** The names of ours: from hosts files, options and leases, kept in the cache. dnsmasq src/cache.c, cache_reload() */
export class HostNames {
  readonly #daemon: Daemon;
  readonly #cache: Cache;
  readonly #dirs: HostsDirs;
  /** Addresses that already lead to a name, while files are read. */
  #reversed: Set<string> | undefined;

  constructor(daemon: Daemon, cache: Cache) {
    this.#daemon = daemon;
    this.#cache = cache;
    this.#dirs = new HostsDirs(daemon, {
      read: (path) => this.#readFile(path),
      forget: (path) => this.#forget(path),
    });
  }

  /** Forgets everything but leases, and reads files and options anew. */
  reload(): void {
    const { config, log, proc } = this.#daemon;
    this.#cache.clear();
    this.#reversed = new Set();
    this.#addCnames();
    for (const { names, addr4, addr6, ttl = 0 } of config.hostRecords)
      for (const name of names)
        for (const addr of [addr4, addr6])
          if (addr !== undefined) this.#addHost(name, addr, ttl, F_CONFIG, 'config');
    if (config.has('no-hosts') && config.addnHosts.length === 0) {
      if (config.cacheSize > 0) log.info('cleared cache');
    } else {
      if (!config.has('no-hosts')) this.#readFile(HOSTS_FILE);
      for (const path of config.addnHosts) this.#readPath(proc.path(path));
    }
    this.#addDomainsOfRecords();
    this.#dirs.readAll();
    this.#reversed = undefined;
  }

  /** Reads what has changed in directories of --hostsdir. */
  poll(): void {
    this.#dirs.poll();
  }

  #addCnames(): void {
    for (const { alias, target, ttl = 0 } of this.#daemon.config.cnames) {
      const flags = F_FORWARD | F_CNAME | F_IMMORTAL | F_CONFIG;
      const entry = cacheEntry({ name: alias, flags, dies: ttl, target, source: 'config' });
      this.#cache.addOurs(entry);
      makeNonTerminals(this.#cache, entry);
    }
  }

  #addDomainsOfRecords(): void {
    const { config } = this.#daemon;
    const flags = F_FORWARD | F_CONFIG | F_IMMORTAL;
    const lists = [
      config.txtRecords,
      config.naptrs,
      config.srvHosts,
      config.mxHosts,
      config.interfaceNames,
      config.ptrRecords,
    ];
    if (!config.has('no-ident'))
      makeNonTerminals(this.#cache, { name: 'version.bind', flags, dies: 0 });
    for (const list of lists)
      for (const { name } of list) makeNonTerminals(this.#cache, { name, flags, dies: 0 });
  }

  /** A file, or all files of a directory. expand_filelist() */
  #readPath(path: string): void {
    const { fs } = this.#daemon.proc;
    if (!fs.exists(path) || fs.stat(path).type !== 'dir') {
      this.#readFile(path);
      return;
    }
    for (const name of fs.readdir(path).filter(isPlainName))
      if (fs.stat(`${path}/${name}`).type === 'file') this.#readFile(`${path}/${name}`);
  }

  #readFile(path: string): void {
    const { proc, log } = this.#daemon;
    let text: string;
    try {
      text = proc.fs.readText(path);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      log.error(`failed to load names from ${path}: ${strerror(e.errno)}`);
      return;
    }
    let count = 0;
    for (const { line, addr, names } of hostsLines(text)) {
      if (addr === undefined) log.error(`bad address at ${path} line ${line}`);
      else for (const name of names) count += this.#addName(path, line, addr, name);
    }
    log.info(`read ${path} - ${count} names`);
  }

  /** Adds one name of a line, with --expand-hosts in its domain too. @returns how many names that makes */
  #addName(path: string, line: number, addr: InetAddr, text: string): number {
    const { config, log } = this.#daemon;
    const name = canonicalise(text);
    if (name === undefined) {
      log.error(`bad name at ${path} line ${line}`);
      return 0;
    }
    const domain = config.has('expand-hosts') ? domainOf(this.#daemon, addr) : undefined;
    const expand = domain !== undefined && !text.includes('.');
    if (expand) this.#addHost(`${name}.${domain}`, addr, config.localTtl, 0, path);
    this.#addHost(name, addr, config.localTtl, 0, path);
    return expand ? 2 : 1;
  }

  /** add_hosts_entry() */
  #addHost(name: string, addr: InetAddr, ttl: number, more: number, source: string): void {
    const family = familyFlag(addr);
    const known = this.#cache.findByName(name, 0, family);
    if (known.some((e) => (e.flags & F_HOSTS) !== 0 && e.addr && sameInet(e.addr, addr))) return;
    const reverse = this.#leadsFirst(addr) ? F_REVERSE : 0;
    const flags = F_HOSTS | F_IMMORTAL | F_FORWARD | reverse | family | more;
    const entry = cacheEntry({ name, flags, dies: ttl, addr, source });
    this.#cache.addOurs(entry);
    makeNonTerminals(this.#cache, entry);
  }

  /** Whether an address leads to no name yet: the first that is read holds. */
  #leadsFirst(addr: InetAddr): boolean {
    if (this.#reversed === undefined)
      return !this.#cache.findByAddr(addr, 0).some((e) => (e.flags & F_HOSTS) !== 0);
    const key = formatInet(addr);
    if (this.#reversed.has(key)) return false;
    this.#reversed.add(key);
    return true;
  }

  /** Forgets the names of a file. @returns how many */
  #forget(path: string): number {
    let count = 0;
    for (const entry of [...this.#cache.entries()]) {
      if ((entry.flags & F_HOSTS) === 0 || entry.source !== path) continue;
      this.#cache.remove(entry);
      count++;
    }
    return count;
  }

  /** Forgets all names of leases. cache_unhash_dhcp() */
  clearDhcp(): void {
    for (const entry of [...this.#cache.entries()])
      if ((entry.flags & F_DHCP) !== 0) this.#cache.remove(entry);
  }

  /**
   * Gives a name to a lease, unless the name is another's. cache_add_dhcp_entry()
   * @param expires seconds since the epoch; 0: never
   */
  addDhcp(name: string, addr: InetAddr, expires: number): void {
    const family = familyFlag(addr);
    const known = this.#cache.findByName(name, 0, family | F_CNAME);
    const ours = known.filter((e) => (e.flags & (F_HOSTS | F_CONFIG)) !== 0);
    if (ours.some((e) => (e.flags & F_CNAME) !== 0)) this.#warnCname(name, addr);
    const hosts = ours.filter((e) => (e.flags & F_CNAME) === 0);
    const stranger = known.find((e) => (e.flags & F_OURS) === 0);
    if (stranger !== undefined)
      for (const e of known) if ((e.flags & F_OURS) === 0) this.#cache.remove(e);
    if (hosts.some((e) => e.addr && sameInet(e.addr, addr))) return;
    const other = hosts.at(-1);
    if (other?.addr !== undefined) {
      const where = `exists in ${other.source} with address ${formatInet(other.addr)}`;
      this.#daemon.log.warning(
        `not giving name ${name} to the DHCP lease of ${formatInet(addr)} because the name ${where}`,
        'dhcp',
      );
      return;
    }
    this.#addLease(name, addr, expires);
  }

  #warnCname(name: string, addr: InetAddr): void {
    this.#daemon.log.warning(
      `${name} is a CNAME, not giving it to the DHCP lease of ${formatInet(addr)}`,
      'dhcp',
    );
  }

  #addLease(name: string, addr: InetAddr, expires: number): void {
    const found = this.#cache.findByAddr(addr, 0);
    for (const e of found) if ((e.flags & F_NEG) !== 0) this.#cache.remove(e);
    const reverse = found.every((e) => (e.flags & F_NEG) !== 0) ? F_REVERSE : 0;
    const immortal = expires === 0 ? F_IMMORTAL : 0;
    const flags = familyFlag(addr) | F_DHCP | F_FORWARD | reverse | immortal;
    const entry = cacheEntry({ name, flags, dies: expires, addr });
    this.#cache.addOurs(entry);
    makeNonTerminals(this.#cache, entry);
  }

  /** The name that a hosts file or --host-record gives an IPv4 address, if that is the first known of it. host_from_dns() */
  nameOf(addr: InetAddr): string | undefined {
    const found = this.#cache.findByAddr(addr, 0)[0];
    return found !== undefined && (found.flags & F_HOSTS) !== 0 ? found.name : undefined;
  }

  /** The IPv4 address that a hosts file or --host-record gives a name: for --dhcp-host. a_record_from_hosts() */
  addressOf(name: string): InetAddr | undefined {
    const found = this.#cache.findByName(name, 0, F_IPV4);
    return found.find((e) => (e.flags & F_HOSTS) !== 0)?.addr;
  }
}
