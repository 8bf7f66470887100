import { type Nanos, SEC } from '@labwire/core/sim';
import { TCPHDR_RST } from '@labwire/core/wire';
import type { Segment } from './segment.ts';

/*
 * Protection against wrapped sequence numbers, RFC 7323 section 5: a timestamp older than the last one that was taken
 * tells of an old segment. Linux include/net/tcp.h.
 */

/** After so long a timestamp says nothing any more: the peer's clock may have gone half around. TCP_PAWS_WRAP */
const PAWS_WRAP = 24 * 24 * 3600;
/** So long a reset must be newer, too, seconds. TCP_PAWS_MSL */
const PAWS_MSL = 60;

/** What is known of the peer's clock. */
interface PeerClock {
  /** TS.Recent, signed 32-bit. */
  readonly tsRecent: number;
  /** When that was taken. */
  readonly tsRecentTime: Nanos;
}

/** The kernel's clock of seconds. */
const elapsed = (since: Nanos, now: Nanos): number =>
  Math.floor(now / SEC) - Math.floor(since / SEC);

/** Whether a segment's timestamp is new enough; `slack` is by how much it may be older. `tcp_paws_check()` */
export function pawsPasses(clock: PeerClock, seg: Segment, now: Nanos, slack: number): boolean {
  if (((clock.tsRecent - seg.options.tsVal) | 0) <= slack) return true;
  if (elapsed(clock.tsRecentTime, now) >= PAWS_WRAP) return true;
  return clock.tsRecent === 0; // some send 0 with the SYN only
}

/** The same where no connection stands: a reset must be new enough, too, unless it comes late. `tcp_paws_reject()` */
export function pawsRejects(clock: PeerClock, seg: Segment, now: Nanos): boolean {
  if (pawsPasses(clock, seg, now, 0)) return false;
  return !seg.has(TCPHDR_RST) || elapsed(clock.tsRecentTime, now) < PAWS_MSL;
}
