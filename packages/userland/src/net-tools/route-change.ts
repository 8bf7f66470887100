import { type Ipv4Addr, ipv4Mask } from '@labwire/core/addr';
import { KernelError, strerror } from '@labwire/core/error';
import { type RouteRequest, routeAdd, routeDel } from '@labwire/devices/rtnetlink';
import { atoi } from '../libc-net/index.ts';
import type { Process } from '../machine/index.ts';
import { maskLength } from './device-ioctl.ts';
import { resolveInet, splitPrefix } from './inet.ts';
import { addrByLabel, linkByName } from './interface.ts';
import { INET_ROUTE_USAGE, usageError } from './usage.ts';

/** E_LOOKUP and E_SOCK: exit statuses of a name that is not known, and of what the kernel refuses. */
const LOOKUP_FAILED = 6;
const REFUSED = 7;
const RTPROT_BOOT = 3;
const RT_TABLE_MAIN = 254;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_HOST = 254;
/** What the headers of IPv4 and TCP take of an MTU. */
const HEADERS = 40;

function badCommand(before = ''): Error {
  return usageError(INET_ROUTE_USAGE, before);
}

/** `route add` and `route del`. net-tools lib/inet_sr.c, INET_setroute() */
export class RouteChange {
  readonly #proc: Process;
  readonly #adds: boolean;
  #dst = 0 as Ipv4Addr;
  #isHost = false;
  #mask: Ipv4Addr | undefined;
  #maskText = 'default';
  #gateway: Ipv4Addr | undefined;
  #device: string | undefined;
  #metric: number | undefined;
  #rejects = false;
  readonly #metrics: Record<string, number> = {};

  constructor(proc: Process, adds: boolean) {
    this.#proc = proc;
    this.#adds = adds;
  }

  /** Takes the words of the command line. @throws Exit */
  async read(args: readonly string[]): Promise<void> {
    const words = [...args];
    await this.#readTarget(words);
    while (words.length > 0) await this.#readWord(words.shift() as string, words);
    if (this.#rejects) this.#device ??= 'lo';
    this.#checkMask();
  }

  async #readTarget(words: string[]): Promise<void> {
    const kind = words[0] === '#net' || words[0] === '#host' ? words.shift() : undefined;
    const text = words.shift();
    const split = text === undefined ? undefined : splitPrefix(text);
    if (split === undefined) throw badCommand();
    const { name, mask } = split;
    if (mask !== undefined) {
      this.#mask = mask === 0 ? undefined : mask;
      this.#maskText = (text as string).slice(name.length);
    }
    const target = await resolveInet(this.#proc, name, LOOKUP_FAILED, kind === '#host');
    this.#dst = target.addr;
    this.#isHost = kind === undefined ? !target.isNet : kind === '#host';
  }

  async #readWord(word: string, words: string[]): Promise<void> {
    switch (word) {
      case 'metric':
        this.#metric = this.#number(words, /^\d/);
        return;
      case 'netmask':
        return this.#readMask(words);
      case 'gw':
      case 'gateway':
        return this.#readGateway(words);
      case 'mss':
      case 'mtu':
        this.#metrics.advmss = this.#checked(words, 64, 65536, 'MSS/MTU') - HEADERS;
        return;
      case 'window':
        this.#metrics.window = this.#checked(words, 128, Number.POSITIVE_INFINITY, 'window');
        return;
      case 'irtt':
        this.#metrics.rtt = this.#number(words) << 3;
        return;
      case 'reject':
        this.#rejects = true;
        return;
      case 'mod':
      case 'dyn':
      case 'reinstate':
        return;
      case 'dev':
      case 'device':
        this.#readDevice(words.shift());
        return;
      default:
        if (words.length > 0) throw badCommand();
        this.#readDevice(word);
    }
  }

  #number(words: string[], form = /^/): number {
    const text = words.shift();
    if (text === undefined || !form.test(text)) throw badCommand();
    return atoi(text);
  }

  #checked(words: string[], min: number, max: number, what: string): number {
    const value = this.#number(words);
    if (value < min || value > max) throw badCommand(`route: Invalid ${what}.\n`);
    return value;
  }

  #readDevice(name: string | undefined): void {
    if (name === undefined || this.#device !== undefined) throw badCommand();
    this.#device = name;
  }

  async #readMask(words: string[]): Promise<void> {
    const text = words.shift();
    if (text === undefined || this.#mask !== undefined) throw badCommand();
    this.#maskText = text;
    const { addr } = await resolveInet(this.#proc, text, LOOKUP_FAILED);
    this.#mask = addr === 0 ? undefined : addr;
  }

  async #readGateway(words: string[]): Promise<void> {
    const text = words.shift();
    if (text === undefined || this.#gateway !== undefined) throw badCommand();
    const { addr, isNet } = await resolveInet(this.#proc, text, LOOKUP_FAILED, true);
    if (isNet) throw badCommand(`route: ${text}: cannot use a NETWORK as gateway!\n`);
    this.#gateway = addr;
  }

  #checkMask(): void {
    const mask = this.#mask;
    if (mask === undefined) return;
    const wild = ~mask;
    if (this.#isHost && wild !== -1) {
      const shown = (wild >>> 0).toString(16).padStart(8, '0');
      throw badCommand(`route: netmask ${shown} doesn't make sense with host route\n`);
    }
    if ((wild & (wild + 1)) !== 0) throw badCommand(`route: bogus netmask ${this.#maskText}\n`);
    if ((this.#dst & wild) !== 0) throw badCommand("route: netmask doesn't match route address\n");
  }

  /** Asks the kernel. @returns the exit status */
  async run(): Promise<number> {
    try {
      if (this.#proc.uid !== 0) throw new KernelError('EPERM');
      const request = this.#request();
      if (this.#adds) routeAdd(this.#proc.netns, request, { create: true });
      else routeDel(this.#proc.netns, request);
      return 0;
    } catch (e) {
      if (!(e instanceof KernelError)) throw e;
      await this.#proc.err(`${this.#adds ? 'SIOCADDRT' : 'SIOCDELRT'}: ${strerror(e.errno)}\n`);
      return REFUSED;
    }
  }

  /** What the old request is in netlink's terms. Linux net/ipv4/fib_frontend.c, rtentry_to_fib_config() */
  #request(): RouteRequest {
    const dstLen = this.#isHost ? 32 : maskLength(this.#mask ?? (0 as Ipv4Addr));
    if ((this.#dst & ~ipv4Mask(dstLen)) !== 0) throw new KernelError('EINVAL');
    const base = {
      family: 'inet' as const,
      dst: this.#dst,
      dstLen,
      table: RT_TABLE_MAIN,
      ...(this.#adds ? { protocol: RTPROT_BOOT } : {}),
      ...(this.#metric === undefined ? {} : { priority: this.#metric }),
    };
    if (this.#rejects) return { ...base, type: 'unreachable', scope: RT_SCOPE_HOST, nexthops: [] };
    return { ...base, type: 'unicast', ...this.#path(), metrics: this.#metrics };
  }

  /** Device, gateway and scope. */
  #path(): Pick<RouteRequest, 'nexthops' | 'scope' | 'prefsrc'> {
    const { netns } = this.#proc;
    const name = this.#device;
    const link = name === undefined ? undefined : linkByName(netns, name);
    const alias = name?.includes(':') === true ? addrByLabel(netns, name) : undefined;
    if (name !== undefined && (link === undefined || (name.includes(':') && alias === undefined)))
      throw new KernelError('ENODEV');
    if (this.#adds && this.#gateway === 0) throw new KernelError('EINVAL');
    const via = this.#gateway;
    const hop = {
      ...(link === undefined ? {} : { ifindex: link.ifindex }),
      ...(via === undefined ? {} : { via }),
    };
    const scope = via === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    return {
      nexthops: link === undefined && via === undefined ? [] : [hop],
      ...(this.#adds ? { scope } : {}),
      ...(alias === undefined ? {} : { prefsrc: alias.local }),
    };
  }
}
