import { Timer, type TimerOwner } from '@labwire/core/sim';
import { IFA_F_DEPRECATED, IFA_F_PERMANENT, type InIfaddr } from '../in-device.ts';
import type { Ipv4 } from '../ipv4.ts';
import { deleteIfa } from './devinet.ts';

/** Deprecates and deletes addresses when their time is over. Linux net/ipv4/devinet.c, check_lifetime(). */
export class AddrLifetimes implements TimerOwner {
  readonly #ip: Ipv4;
  #timer: Timer | null = null;

  constructor(ip: Ipv4) {
    this.#ip = ip;
  }

  /** An address was added or its lifetimes changed. */
  changed(): void {
    const { now } = this.#ip.netns.sim;
    let next = Infinity;
    for (const ifa of this.#ip.addresses()) next = Math.min(next, nextChange(ifa));
    if (next === Infinity) {
      this.#timer?.cancel();
      return;
    }
    this.#timer ??= new Timer(this.#ip.netns.sim, this, 0);
    this.#timer.arm(Math.max(1, next - now));
  }

  onTimer(): void {
    const { now } = this.#ip.netns.sim;
    for (const ifa of [...this.#ip.addresses()]) {
      if ((ifa.flags & IFA_F_PERMANENT) !== 0) continue;
      if (now >= ifa.lifetimes.expiresAt) deleteIfa(this.#ip, ifa);
      else if (now >= ifa.lifetimes.deprecatedAt) ifa.flags |= IFA_F_DEPRECATED;
    }
    this.changed();
  }
}

/** When something next happens to an address. */
function nextChange(ifa: InIfaddr): number {
  if ((ifa.flags & IFA_F_PERMANENT) !== 0) return Infinity;
  const { expiresAt, deprecatedAt } = ifa.lifetimes;
  const deprecated = (ifa.flags & IFA_F_DEPRECATED) !== 0;
  return deprecated ? expiresAt : Math.min(expiresAt, deprecatedAt);
}
