import {
  IPV6_ALL_NODES,
  IPV6_ALL_ROUTERS,
  IPV6_ANY,
  type Ipv6Addr,
  sameIpv6,
} from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { type Nanos, POLLIN, SEC } from '@labwire/core/sim';
import { ND_OPT_SOURCE_LL_ADDR } from '@labwire/core/wire';
import type { NetDevice } from '@labwire/devices/link';
import { addrDump } from '@labwire/devices/rtnetlink';
import type { Raw6Socket, Received } from '@labwire/devices/sock';
import { formatInet, installSocket } from '../../libc-net/index.ts';
import type { PollItem } from '../../machine/index.ts';
import type { DhcpRange6 } from '../config/index.ts';
import { type Daemon, dnsmasqTime } from '../daemon.ts';
import { hexText } from '../dhcp/index.ts';
import { isServed, joinMulticast, nameFits } from '../network/index.ts';
import { sameNet6 } from '../options/index.ts';
import type { Service } from '../service.ts';
import { buildAdvertisement } from './advertisement.ts';
import { advertisementInterval, parametersFor } from './parameters.ts';

const ROUTER_SOLICITATION = 133;
/** IPTOS_CLASS_CS6 */
const TOS = 0xc0;
const HOP_LIMIT = 255;
const IFA_F_TENTATIVE = 0x40;
/** Seconds after the start in which advertisements come more often. */
const SHORT_PERIOD = 60;

/** When a range is advertised next: seconds since the epoch; 0: with another one, or never. */
interface RaTimer {
  readonly range: DhcpRange6;
  at: number;
}

/** Router advertisements. dnsmasq src/radv.c */
export class RadvService implements Service {
  readonly #daemon: Daemon;
  #sock: Raw6Socket | undefined;
  #timers: RaTimer[] = [];
  /** When the advertising began. */
  #since = 0;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  open(): void {
    const { proc } = this.#daemon;
    const sock = proc.netns.ipv6.openRaw();
    installSocket(proc, sock);
    sock.tos = TOS;
    sock.ttl = HOP_LIMIT;
    sock.mcastTtl = HOP_LIMIT;
    sock.icmpTypes = [ROUTER_SOLICITATION];
    this.#sock = sock;
    this.#startUnsolicited();
  }

  bind(): void {
    const { proc, network } = this.#daemon;
    if (this.#sock !== undefined) joinMulticast(proc, network, this.#sock, [IPV6_ALL_ROUTERS]);
  }

  /** All ranges are advertised within the next seconds. ra_start_unsolicited() */
  #startUnsolicited(): void {
    const now = dnsmasqTime(this.#daemon);
    this.#since = now;
    this.#timers = this.#daemon.config.dhcp.ranges6.map((range) => ({
      range,
      at: now + Math.floor(this.#random16() / 13_000),
    }));
  }

  #random16(): number {
    return this.#daemon.proc.machine.kernel.random.below(0x1_0000);
  }

  networkChanged(): void {
    this.#startUnsolicited();
  }

  waits(): readonly PollItem[] {
    return this.#sock === undefined ? [] : [{ on: this.#sock, events: POLLIN }];
  }

  wakeAt(): Nanos | undefined {
    const times = this.#timers.filter((t) => t.at !== 0).map((t) => t.at);
    if (times.length === 0) return undefined;
    const { proc } = this.#daemon;
    const left = Math.min(...times) - proc.machine.wallClock;
    return proc.now + Math.max(0, Math.ceil(left * SEC));
  }

  serve(): void {
    for (;;) {
      const got = this.#receive();
      if (got === undefined) break;
      this.#solicited(got);
    }
    this.#advertiseDue();
  }

  #receive(): Received | undefined {
    try {
      return this.#sock?.recv(65_536);
    } catch (e) {
      if (e instanceof KernelError) return undefined;
      throw e;
    }
  }

  /** Whether advertisements go out of a device. */
  #serves(dev: NetDevice): boolean {
    const { config } = this.#daemon;
    const barred = config.dhcpExcept.some((e) => e.family !== 'inet' && nameFits(e.name, dev.name));
    return !barred && isServed(config, dev.name, undefined);
  }

  /** A host asks. icmp6_packet() */
  #solicited({ data, from, ifindex = 0 }: Received): void {
    const { proc, log, config } = this.#daemon;
    const dev = proc.netns.devices.byIndex(ifindex);
    if (dev === undefined || !this.#serves(dev) || data.length < 8 || data[1] !== 0) return;
    const mac = sourceMac(data);
    if (mac === undefined) return;
    if (!config.has('quiet-ra')) log.info(`RTR-SOLICIT(${dev.name}) ${mac}`, 'dhcp');
    const addr = from?.addr as Ipv6Addr;
    this.#send(dev, sameIpv6(addr, IPV6_ANY) ? undefined : addr);
  }

  /** What is due goes to all hosts. periodic_ra() */
  #advertiseDue(): void {
    const now = dnsmasqTime(this.#daemon);
    for (const timer of this.#timers) {
      if (timer.at === 0 || timer.at > now) continue;
      const found = this.#deviceOf(timer.range);
      if (found === undefined) {
        timer.at = 0;
        continue;
      }
      timer.at = this.#nextTime(found.dev.name, now);
      for (const other of this.#timers)
        if (
          other !== timer &&
          sameNet6(other.range.start, timer.range.start, timer.range.prefixLength)
        )
          other.at = 0;
      if (!found.tentative && this.#serves(found.dev)) this.#send(found.dev, undefined);
    }
  }

  /** The device on the net of a range. iface_search() */
  #deviceOf(range: DhcpRange6): { dev: NetDevice; tentative: boolean } | undefined {
    const { netns } = this.#daemon.proc;
    for (const a of addrDump(netns, 'inet6')) {
      const dev = netns.devices.byIndex(a.ifindex);
      const near =
        a.prefixLen <= range.prefixLength &&
        sameNet6(a.local as Ipv6Addr, range.start, range.prefixLength);
      if (dev === undefined || !near || !this.#serves(dev)) continue;
      return { dev, tentative: (a.flags & IFA_F_TENTATIVE) !== 0 };
    }
    return undefined;
  }

  /** new_timeout() */
  #nextTime(device: string, now: number): number {
    if (now - this.#since < SHORT_PERIOD) return now + 5 + Math.floor(this.#random16() / 4400);
    const interval = advertisementInterval(parametersFor(this.#daemon.config.dhcp, device));
    const spread = Math.floor((interval * this.#random16()) / 2 ** 18);
    return now + Math.floor((3 * interval) / 4) + spread;
  }

  /** Sends an advertisement to one host, or to all. send_ra() */
  #send(dev: NetDevice, to: Ipv6Addr | undefined): void {
    const { proc, config, log } = this.#daemon;
    const sock = this.#sock;
    const mtuDevice = parametersFor(config.dhcp, dev.name)?.mtuDevice;
    const mtuOf = mtuDevice === undefined ? dev : (proc.netns.devices.byName(mtuDevice) ?? dev);
    const found = buildAdvertisement({
      config,
      dev,
      addresses: addrDump(proc.netns, 'inet6').filter((a) => a.ifindex === dev.ifindex),
      mtu: mtuOf.in6Dev?.mtu ?? mtuOf.mtu,
      log: (prefix) => {
        if (!config.has('quiet-ra'))
          log.info(`RTR-ADVERT(${dev.name}) ${formatInet(prefix)}`, 'dhcp');
      },
    });
    if (found === undefined || sock === undefined) return;
    if (to === undefined) sock.mcastDev = dev;
    try {
      sock.send(found.message, { addr: to ?? IPV6_ALL_NODES, port: 0, scopeId: dev.ifindex });
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
    }
  }
}

/** The hardware address that a host gives, as the log shows it. @returns undefined if the options are malformed */
function sourceMac(message: Uint8Array): string | undefined {
  let mac = '';
  for (let at = 8; message.length - at >= 2; ) {
    const length = (message[at + 1] as number) * 8;
    if (length === 0 || at + length > message.length) return undefined;
    if (message[at] === ND_OPT_SOURCE_LL_ADDR) mac = hexText(message.subarray(at + 2, at + length));
    at += length;
  }
  return mac;
}
