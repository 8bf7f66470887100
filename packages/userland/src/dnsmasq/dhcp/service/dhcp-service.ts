import type { Ipv4Addr } from '@labwire/core/addr';
import { ipv4Mask } from '@labwire/core/addr';
import { type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import { addrDump } from '@labwire/devices/rtnetlink';
import type { Received } from '@labwire/devices/sock';
import type { PollItem } from '../../../machine/index.ts';
import { type Daemon, dnsmasqTime } from '../../daemon.ts';
import { domainOf } from '../../domains/index.ts';
import { isServed, nameFits } from '../../network/index.ts';
import type { Service } from '../../service.ts';
import {
  completeRanges,
  type DeviceAddress,
  PING_WAIT,
  PingCache,
  type ReplyWait,
} from '../range/index.ts';
import { type Arrival, answer, type Reply, type ServerHost } from '../rfc2131/index.ts';
import { onlyDevice } from './announcement.ts';
import { DhcpSocket } from './dhcp-socket.ts';
import type { LeaseService } from './lease-service.ts';
import { Ping } from './ping.ts';

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
  readonly #leases: LeaseService;
  readonly #host: ServerHost;
  #socket: DhcpSocket | undefined;
  #pending: Pending | undefined;

  constructor(daemon: Daemon, leases: LeaseService) {
    this.#daemon = daemon;
    this.#leases = leases;
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
    this.#socket = new DhcpSocket(this.#daemon);
  }

  bind(): void {
    const device = onlyDevice(this.#daemon);
    if (device !== undefined) this.#socket?.bindToDevice(device);
  }

  waits(): readonly PollItem[] {
    const on = this.#pending === undefined ? this.#socket?.sock : this.#pending.ping?.sock;
    return on === undefined ? [] : [{ on, events: POLLIN }];
  }

  wakeAt(): Nanos | undefined {
    return this.#pending?.until;
  }

  serve(): void {
    if (this.#pending !== undefined) this.#goOn(this.#pending);
    while (this.#pending === undefined) {
      const got = this.#socket?.receive();
      if (got === undefined) break;
      this.#receive(got);
    }
  }

  /** dhcp_packet() */
  #receive(got: Received): void {
    const arrival = this.#arrival(got);
    if (arrival === undefined) return;
    this.#leases.prune();
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
      this.#leases.settle();
      if (next.value !== undefined) this.#socket?.send(next.value, from);
      return;
    }
    const wait = next.value;
    const { proc } = this.#daemon;
    const ping = 'ping' in wait ? new Ping(proc, wait.ping) : undefined;
    const seconds = 'ping' in wait ? PING_WAIT : wait.delay;
    this.#pending = { answer: of, from, ping, until: proc.now + seconds * SEC };
  }
}
