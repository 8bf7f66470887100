import { type Ipv4Addr, type Ipv6Addr, ipv4Mask } from '@labwire/core/addr';
import { type Nanos, SEC } from '@labwire/core/sim';
import { addrDump } from '@labwire/devices/rtnetlink';
import type { PollItem } from '../../../machine/index.ts';
import type { DhcpHost } from '../../config/index.ts';
import { type Daemon, dnsmasqTime } from '../../daemon.ts';
import { domainOf } from '../../domains/index.ts';
import { sameNet6, stripHostname } from '../../options/index.ts';
import type { Service } from '../../service.ts';
import { isLease4, type Lease, type LeaseStore } from '../lease/index.ts';
import { findHost } from '../match/index.ts';
import { readEthers, rereadFiles, updateHosts } from './hosts-files.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { ScriptRunner } from './script-runner.ts';

/** The leases of both families: in their file, in the DNS, and told to the script. dnsmasq src/lease.c */
export class LeaseService implements Service {
  readonly store: LeaseStore;
  readonly #daemon: Daemon;
  readonly #keeper: LeaseKeeper;
  readonly #script: ScriptRunner | undefined;

  constructor(daemon: Daemon) {
    const { script } = daemon.config.dhcp;
    this.#daemon = daemon;
    this.#keeper = new LeaseKeeper(daemon);
    this.store = this.#keeper.store;
    if (script !== undefined) this.#script = new ScriptRunner(daemon, this.store, script);
  }

  async open(): Promise<void> {
    await this.#keeper.open();
    this.#script?.open();
  }

  bind(): void {
    this.#keeper.completeNames();
  }

  start(): void {
    this.#script?.start();
  }

  begin(): void {
    this.#keeper.findInterfaces((addr) => this.#deviceOf(addr));
    this.#script?.flush();
  }

  /** The device of the longest prefix that an address is in; 0 if there is none. */
  #deviceOf(addr: Lease['addr']): number {
    const { netns } = this.#daemon.proc;
    let best = -1;
    let found = 0;
    for (const a of addrDump(netns, typeof addr === 'number' ? 'inet' : 'inet6')) {
      if (a.prefixLen <= best || !isNear(addr, a.local, a.prefixLen)) continue;
      best = a.prefixLen;
      found = a.ifindex;
    }
    return found;
  }

  async reload(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon.config.has('read-ethers')) readEthers(daemon);
    await rereadFiles(daemon);
    updateHosts(daemon);
    this.#namesFromConfig();
    this.#keeper.updateFile();
    this.#keeper.updateDns(true);
    for (const lease of this.store.leases) lease.changed = true;
    this.#script?.flush();
  }

  /** Leases get the names that the configuration, or the hosts files, have for them now. lease_update_from_configs() */
  #namesFromConfig(): void {
    const daemon = this.#daemon;
    for (const lease of this.store.leases) {
      if (!isLease4(lease)) continue;
      const domain = domainOf(daemon, lease.addr);
      const host = this.#hostOf(lease);
      const fits = host?.addr === undefined || host.addr === lease.addr;
      const [known] = stripHostname(daemon.names?.nameOf(lease.addr) ?? '');
      if (host?.hostname !== undefined && fits)
        this.store.setHostname(lease, host.hostname, true, domain, undefined);
      else if (known !== '') this.store.setHostname(lease, known, true, domain, undefined);
    }
  }

  #hostOf({ clientId, htype, chaddr = new Uint8Array(0) }: Lease): DhcpHost | undefined {
    const keys = { clientId, htype, chaddr, hostname: undefined };
    return findHost(this.#daemon.config.dhcp.hosts, undefined, keys, []);
  }

  /** Ends the leases whose time is over. */
  prune(): void {
    this.store.prune(undefined, dnsmasqTime(this.#daemon));
  }

  /** Writes and tells what has changed. */
  settle(): void {
    this.#keeper.updateFile();
    this.#keeper.updateDns(false);
    this.#script?.flush();
  }

  waits(): readonly PollItem[] {
    return [];
  }

  wakeAt(): Nanos | undefined {
    const { proc } = this.#daemon;
    const next = this.store.nextExpiry;
    if (next === 0) return undefined;
    return proc.now + Math.max(0, Math.ceil((next - proc.machine.wallClock) * SEC));
  }

  serve(): void {
    this.prune();
    this.settle();
  }

  stop(): void {
    this.#script?.stop();
  }
}

function isNear(addr: Lease['addr'], local: Ipv4Addr | Ipv6Addr, prefixLength: number): boolean {
  if (typeof addr === 'number')
    return (((local as Ipv4Addr) ^ addr) & ipv4Mask(prefixLength)) === 0;
  return sameNet6(addr, local as Ipv6Addr, prefixLength);
}
