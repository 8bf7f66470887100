import type { Ipv4Addr, Ipv6Addr } from '@labwire/core/addr';
import { utf8Encode } from '@labwire/core/bytes';
import { KernelError, strerror } from '@labwire/core/error';
import { FileHandle } from '../../../machine/index.ts';
import { type Daemon, dnsmasqTime } from '../../daemon.ts';
import { domainOf } from '../../domains/index.ts';
import { EC_FILE, EC_MISC, Fatal } from '../../fatal.ts';
import { LeaseStore, leaseFileText, readLeaseFile, TooManyLeases } from '../lease/index.ts';
import { askScript } from './init-script.ts';

/** Keeps leases in their file and tells the name server of them. dnsmasq src/lease.c */
export class LeaseKeeper {
  readonly store: LeaseStore;
  readonly #daemon: Daemon;
  #file: FileHandle | undefined;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    const { config, log } = daemon;
    this.store = new LeaseStore(config.dhcp.maxLeases, config.has('dhcp-fqdn'), (text) =>
      log.warning(text, 'dhcp'),
    );
  }

  /** Opens the file, or asks the script, and takes over the leases there. @throws Fatal lease_init() */
  async open(): Promise<void> {
    const { config } = this.#daemon;
    if (!config.has('leasefile-ro')) this.#read(this.#openFile());
    else if (config.dhcp.script !== undefined)
      await askScript(this.#daemon.proc, config.dhcp.script, (text) => this.#read(text));
  }

  /** Takes leases over from a lease file's text. @throws Fatal */
  #read(text: string): void {
    const { log } = this.#daemon;
    try {
      if (!readLeaseFile(this.store, text, (line) => log.warning(line, 'dhcp')))
        log.error('failed to parse lease database cleanly', 'dhcp');
    } catch (e) {
      if (!(e instanceof TooManyLeases)) throw e;
      throw new Fatal('too many stored leases', EC_MISC);
    }
    this.store.fileDirty = false;
    this.store.prune(undefined, dnsmasqTime(this.#daemon));
    this.store.dnsDirty = true;
  }

  /** @returns its content */
  #openFile(): string {
    const { proc, config } = this.#daemon;
    const { leaseFile } = config.dhcp;
    const path = proc.path(leaseFile);
    try {
      const flags = { read: true, write: true, create: true, mode: 0o644 };
      const file = proc.fs.open(path, flags);
      if (file instanceof FileHandle) this.#file = file;
      return proc.fs.readText(path);
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      const why = strerror(e.errno);
      throw new Fatal(`cannot open or create lease file ${leaseFile}: ${why}`, EC_FILE);
    }
  }

  /** Full names of leases that were read. lease_calc_fqdns() */
  completeNames(): void {
    for (const lease of this.store.leases) {
      const domain = domainOf(this.#daemon, lease.addr);
      if (lease.hostname !== undefined && domain !== undefined)
        lease.fqdn = `${lease.hostname}.${domain}`;
    }
  }

  /** Writes the file if something changed. lease_update_file() */
  updateFile(): void {
    const file = this.#file;
    if (!this.store.fileDirty || file === undefined) return;
    file.truncate();
    file.write(utf8Encode(leaseFileText(this.store)));
    this.store.fileDirty = false;
  }

  /** Tells the name server all names, if some changed. lease_update_dns() */
  updateDns(force: boolean): void {
    const { names, config } = this.#daemon;
    if (names === undefined || !(this.store.dnsDirty || force)) return;
    names.clearDhcp();
    for (const { fqdn, hostname, addr, expires } of this.store.leases) {
      if (fqdn !== undefined) names.addDhcp(fqdn, addr, expires);
      if (hostname !== undefined && !config.has('dhcp-fqdn'))
        names.addDhcp(hostname, addr, expires);
    }
    this.store.dnsDirty = false;
  }

  /** Finds the devices of leases that were read, by the longest prefix. lease_find_interfaces() */
  findInterfaces(find: (addr: Ipv4Addr | Ipv6Addr) => number): void {
    for (const lease of this.store.leases) {
      const ifindex = find(lease.addr);
      if (ifindex !== 0) this.store.setInterface(lease, ifindex);
    }
  }
}
