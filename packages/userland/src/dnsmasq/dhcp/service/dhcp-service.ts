import type { Ipv4Addr } from '@labwire/core/addr';
import { ipv4Mask } from '@labwire/core/addr';
import { type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import { addrDump } from '@labwire/devices/rtnetlink';
import type { Received } from '@labwire/devices/sock';
import type { PollItem } from '../../../machine/index.ts';
import type { DhcpHost } from '../../config/index.ts';
import { type Daemon, dnsmasqTime } from '../../daemon.ts';
import { domainOf } from '../../domains/index.ts';
import { isServed, nameFits } from '../../network/index.ts';
import { stripHostname } from '../../options/index.ts';
import type { Service } from '../../service.ts';
import { isLease4, type Lease } from '../lease/index.ts';
import { findHost } from '../match/index.ts';
import {
  completeRanges,
  type DeviceAddress,
  PING_WAIT,
  PingCache,
  type ReplyWait,
} from '../range/index.ts';
import { type Arrival, answer, type Reply, type ServerHost } from '../rfc2131/index.ts';
import { DhcpSocket } from './dhcp-socket.ts';
import { readEthers, rereadFiles, updateHosts } from './hosts-files.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { Ping } from './ping.ts';
import { rangeLine } from './range-lines.ts';
import type { ScriptRunner } from './script-runner.ts';

const ANY = 0 as Ipv4Addr;
const BROADCAST = -1 as Ipv4Addr;
const IFF_LOOPBACK = 0x8;

/** An answer that waits for something. */
interface Pending {
  readonly answer: Generator<ReplyWait, Reply | undefined, boolean>;
  readonly from: Received;
  readonly ping: Ping | undefined;
  readonly until: Nanos;
}

/** The DHCP server for IPv4. dnsmasq src/dhcp.c */
export class DhcpService implements Service {
  readonly #daemon: Daemon;
  readonly #leases: LeaseKeeper;
  readonly #script: ScriptRunner | undefined;
  readonly #host: ServerHost;
  #socket: DhcpSocket | undefined;
  #boundDevice: string | undefined;
  #pending: Pending | undefined;

  constructor(daemon: Daemon, leases: LeaseKeeper, script: ScriptRunner | undefined) {
    this.#daemon = daemon;
    this.#leases = leases;
    this.#script = script;
    this.#host = this.#makeHost();
  }

  #makeHost(): ServerHost {
    const daemon = this.#daemon;
    const { config, log, network } = daemon;
    return {
      config,
      leases: this.#leases.store,
      pings: new PingCache(!config.has('no-ping')),
      random: daemon.proc.machine.kernel.random,
      now: () => dnsmasqTime(daemon),
      log: (level, text) => log[level](text, 'dhcp'),
      domainOf: (addr) => domainOf(daemon, addr),
      hostsName: (addr) => daemon.names?.nameOf(addr),
      hostsAddress: (name) => {
        const addr = daemon.names?.addressOf(name);
        return typeof addr === 'number' ? addr : ANY;
      },
      isServed: (addr) => network.served.some((s) => s.addr === addr && s.tftp),
    };
  }

  open(): void {
    this.#leases.open();
    this.#socket = new DhcpSocket(this.#daemon);
    this.#script?.open();
  }

  bind(): void {
    this.#leases.completeNames();
    this.#boundDevice = this.#onlyDevice();
    if (this.#boundDevice !== undefined) this.#socket?.bindToDevice(this.#boundDevice);
  }

  /** The one device that is served, if it cannot be joined by others. whichdevice() */
  #onlyDevice(): string | undefined {
    const { config, network } = this.#daemon;
    const { interfaces } = config;
    if (interfaces.length === 0 || interfaces.some((o) => !o.used || o.name.includes('*')))
      return undefined;
    const names = new Set(network.served.filter((s) => s.dhcp4 || s.dhcp6).map((s) => s.device));
    return names.size === 1 ? [...names][0] : undefined;
  }

  start(): void {
    this.#script?.start();
  }

  announce(): void {
    const { config, log } = this.#daemon;
    for (const range of config.dhcp.ranges) log.info(rangeLine(range), 'dhcp');
    if (this.#boundDevice !== undefined)
      log.info(`DHCP, sockets bound exclusively to interface ${this.#boundDevice}`, 'dhcp');
    this.#leases.findInterfaces((addr) => this.#deviceOf(addr));
  }

  #deviceOf(addr: Lease['addr']): number {
    if (typeof addr !== 'number') return 0;
    let best = -1;
    let found = 0;
    for (const a of addrDump(this.#daemon.proc.netns, 'inet')) {
      const mask = ipv4Mask(a.prefixLen);
      if (((a.local as number) & mask) !== (addr & mask) || a.prefixLen <= best) continue;
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
    this.#leases.updateFile();
    this.#leases.updateDns(true);
    for (const lease of this.#leases.store.leases) lease.changed = true;
    this.#script?.flush();
  }

  /** Leases get the names that the configuration, or the hosts files, have for them now. lease_update_from_configs() */
  #namesFromConfig(): void {
    const { store } = this.#leases;
    for (const lease of store.leases) {
      if (!isLease4(lease)) continue;
      const domain = this.#host.domainOf(lease.addr);
      const host = this.#hostOf(lease);
      const fits = host?.addr === undefined || host.addr === lease.addr;
      if (host?.hostname !== undefined && fits)
        store.setHostname(lease, host.hostname, true, domain, undefined);
      else {
        const [name] = stripHostname(this.#host.hostsName(lease.addr) ?? '');
        if (name !== '') store.setHostname(lease, name, true, domain, undefined);
      }
    }
  }

  #hostOf({ clientId, htype, chaddr = new Uint8Array(0) }: Lease): DhcpHost | undefined {
    const keys = { clientId, htype, chaddr, hostname: undefined };
    return findHost(this.#daemon.config.dhcp.hosts, undefined, keys, []);
  }

  waits(): readonly PollItem[] {
    const on = this.#pending === undefined ? this.#socket?.sock : this.#pending.ping?.sock;
    return on === undefined ? [] : [{ on, events: POLLIN }];
  }

  wakeAt(): Nanos | undefined {
    const next = this.#leases.store.nextExpiry;
    const { now } = this.#daemon.proc;
    const left = next - this.#daemon.proc.machine.wallClock;
    const expiry = next === 0 ? Infinity : now + Math.max(0, Math.ceil(left * SEC));
    const at = Math.min(expiry, this.#pending?.until ?? Infinity);
    return at === Infinity ? undefined : at;
  }

  serve(): void {
    if (this.#pending !== undefined) this.#goOn(this.#pending);
    while (this.#pending === undefined) {
      const got = this.#socket?.receive();
      if (got === undefined) break;
      this.#receive(got);
    }
    this.#expire();
    this.#script?.flush();
  }

  #expire(): void {
    this.#leases.store.prune(undefined, dnsmasqTime(this.#daemon));
    this.#leases.updateFile();
    this.#leases.updateDns(false);
  }

  /** dhcp_packet() */
  #receive(got: Received): void {
    const arrival = this.#arrival(got);
    if (arrival === undefined) return;
    this.#leases.store.prune(undefined, dnsmasqTime(this.#daemon));
    this.#step(answer(this.#host, arrival), got, undefined);
  }

  /** Where a message came in. @returns undefined if dnsmasq is not there for that device */
  #arrival(got: Received): Arrival | undefined {
    const { proc, config, log } = this.#daemon;
    const dev = proc.netns.devices.byIndex(got.ifindex ?? 0);
    if (dev === undefined) return undefined;
    const addresses = this.#addresses();
    const own = addresses.filter((a) => a.ifindex === dev.ifindex);
    const [first] = own;
    if (first === undefined) {
      if (isServed(config, dev.name, undefined))
        log.warning(`DHCP packet received on ${dev.name} which has no address`, 'dhcp');
      return undefined;
    }
    const barred = config.dhcpExcept.some(
      (e) => e.family !== 'inet6' && nameFits(e.name, dev.name),
    );
    const served = own.find((a) => isServed(config, dev.name, a.addr));
    if (barred || served === undefined) return undefined;
    const sorted = [served, ...addresses.filter((a) => a !== served)];
    const names = (ifindex: number) => proc.netns.devices.byIndex(ifindex)?.name ?? '';
    const warn = (text: string) => log.warning(text, 'dhcp');
    const giaddr = got.data.length >= 28 ? got.data.subarray(24, 28).some((b) => b !== 0) : false;
    return {
      data: got.data,
      device: dev.name,
      ifindex: dev.ifindex,
      ranges: completeRanges(config.dhcp, sorted, dev.ifindex, names, warn),
      fallback: served.addr,
      unicast: got.to !== BROADCAST,
      loopback: !giaddr && (dev.flags & IFF_LOOPBACK) !== 0,
    };
  }

  #addresses(): DeviceAddress[] {
    return addrDump(this.#daemon.proc.netns, 'inet').map((a) => ({
      ifindex: a.ifindex,
      addr: a.local as Ipv4Addr,
      netmask: ipv4Mask(a.prefixLen),
      broadcast: (a.broadcast as Ipv4Addr | undefined) ?? ANY,
    }));
  }

  #goOn(pending: Pending): void {
    const answered = pending.ping?.isAnswered() ?? false;
    if (!answered && this.#daemon.proc.now < pending.until) return;
    pending.ping?.close();
    this.#pending = undefined;
    this.#step(pending.answer, pending.from, answered);
  }

  /** Goes on with an answer until it waits or is done. */
  #step(of: Pending['answer'], from: Received, result: boolean | undefined): void {
    const next = result === undefined ? of.next() : of.next(result);
    if (next.done === true) {
      this.#leases.updateFile();
      this.#leases.updateDns(false);
      if (next.value !== undefined) this.#socket?.send(next.value, from);
      return;
    }
    const wait = next.value;
    const { proc } = this.#daemon;
    const ping = 'ping' in wait ? new Ping(proc, wait.ping) : undefined;
    const seconds = 'ping' in wait ? PING_WAIT : wait.delay;
    this.#pending = { answer: of, from, ping, until: proc.now + seconds * SEC };
  }

  stop(): void {
    this.#script?.stop();
  }
}
