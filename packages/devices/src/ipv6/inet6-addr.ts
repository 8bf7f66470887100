import type { Ipv6Addr } from '@labwire/core/addr';
import { type Nanos, type Simulator, Timer, type TimerOwner } from '@labwire/core/sim';
import { Lifetimes } from '../rtnetlink/lifetimes.ts';
import type { Inet6Dev } from './inet6-dev.ts';

/** IFA_F_*: Linux include/uapi/linux/if_addr.h. */
export const IFA_F_NODAD = 0x02;
export const IFA_F_DADFAILED = 0x08;
export const IFA_F_DEPRECATED = 0x20;
export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_PERMANENT = 0x80;
export const IFA_F_MANAGETEMPADDR = 0x100;
export const IFA_F_NOPREFIXROUTE = 0x200;
export const IFA_F_MCAUTOJOIN = 0x400;

/** IFAPROT_*: who made the address. */
export const IFAPROT_UNSPEC = 0;
export const IFAPROT_KERNEL_LO = 1;
export const IFAPROT_KERNEL_RA = 2;
export const IFAPROT_KERNEL_LL = 3;

/** What an address asks of its owner when one of its timers expires. */
export interface Inet6AddrOwner {
  /** Duplicate address detection goes on: send a probe, or finish. */
  dadTimer(addr: Inet6Addr): void;
  /** A lifetime may have ended. */
  lifetimeTimer(addr: Inet6Addr): void;
}

const DAD = 0;
const LIFETIME = 1;

/** One address of a device. Linux `struct inet6_ifaddr`. */
export class Inet6Addr implements TimerOwner {
  readonly idev: Inet6Dev;
  readonly addr: Ipv6Addr;
  readonly prefixLen: number;
  /** The other end of a point-to-point address. */
  readonly peer: Ipv6Addr | null;
  /** RT_SCOPE_*: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  /** IFA_F_* */
  flags: number;
  readonly proto: number;
  /** Metric of its prefix route, 0 for the default. */
  metric = 0;
  lifetimes: Lifetimes = Lifetimes.forever;
  /** Probes still to be sent. */
  dadProbes = 0;
  /** What marks its own probes. RFC 7527 */
  dadNonce = 0;
  readonly #owner: Inet6AddrOwner;
  readonly #sim: Simulator;
  /** Of duplicate address detection and of the lifetimes; null while nothing is due. */
  #dad: Timer | null = null;
  #lifetime: Timer | null = null;

  constructor(
    sim: Simulator,
    owner: Inet6AddrOwner,
    idev: Inet6Dev,
    what: {
      addr: Ipv6Addr;
      prefixLen: number;
      peer?: Ipv6Addr;
      scope: number;
      flags: number;
      proto: number;
    },
  ) {
    this.#owner = owner;
    this.#sim = sim;
    this.idev = idev;
    this.addr = what.addr;
    this.prefixLen = what.prefixLen;
    this.peer = what.peer ?? null;
    this.scope = what.scope;
    this.flags = what.flags;
    this.proto = what.proto;
  }

  /** Whether packets may come from it: not tentative. */
  get usable(): boolean {
    return (this.flags & IFA_F_TENTATIVE) === 0;
  }

  onTimer(kind: number): void {
    if (kind === DAD) {
      this.#dad = null;
      this.#owner.dadTimer(this);
    } else {
      this.#lifetime = null;
      this.#owner.lifetimeTimer(this);
    }
  }

  /** Whether duplicate address detection is under way. */
  get probing(): boolean {
    return this.#dad?.armed === true;
  }

  /** Goes on with duplicate address detection in `delay`. */
  probeIn(delay: Nanos): void {
    this.#dad ??= new Timer(this.#sim, this, DAD);
    this.#dad.arm(delay);
  }

  /** Ends duplicate address detection. */
  stopProbing(): void {
    this.#dad?.cancel();
  }

  /** Looks at its lifetimes in `delay`, Infinity for never. */
  endIn(delay: Nanos): void {
    if (delay === Infinity) {
      this.#lifetime?.cancel();
      return;
    }
    this.#lifetime ??= new Timer(this.#sim, this, LIFETIME);
    this.#lifetime.arm(delay);
  }

  /** Stops its timers. */
  stop(): void {
    this.#dad?.cancel();
    this.#lifetime?.cancel();
  }
}
