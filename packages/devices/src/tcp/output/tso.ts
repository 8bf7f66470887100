import { MS } from '@labwire/core/sim';
import type { Tcb } from '../tcb.ts';

/*
 * Super-segments: text of several segments handed to the device in one. How large they get depends on the pace of
 * the connection; what is in flight is reckoned in segments all the same.
 */

/** Bytes of text that fit a super-segment: 64 KiB less MAX_TCP_HEADER and one. `sk_dst_gso_max_size()` */
const GSO_MAX_SIZE = 65_536 - 320 - 1;
/** `sk_pacing_shift`: a super-segment is what is sent in about a millisecond. */
const PACING_SHIFT = 10;
const USEC_PER_SEC = 1_000_000;

/** Bytes per second that the connection is thought to carry; infinite before a round trip was seen. `tcp_update_pacing_rate()` */
function pacingRate(tcb: Tcb): number {
  if (tcb.srtt === 0) return Number.POSITIVE_INFINITY;
  const { tcp_pacing_ss_ratio, tcp_pacing_ca_ratio } = tcb.layer.conf;
  const percent = tcb.cwnd < tcb.ssthresh / 2 ? tcp_pacing_ss_ratio : tcp_pacing_ca_ratio;
  const window = tcb.mss * Math.max(tcb.cwnd, tcb.rtx.count);
  return (window * 8 * (USEC_PER_SEC / 100) * percent) / tcb.srtt;
}

/** How long four of the largest super-segments take at the connection's pace, microseconds; a millisecond at most. `hystart_ack_delay()` */
export function burstDelayUs(tcb: Tcb): number {
  return Math.min(1000, Math.floor((GSO_MAX_SIZE * 4 * USEC_PER_SEC) / pacingRate(tcb)));
}

/** Segments that a super-segment should have at the connection's pace. `tcp_tso_segs()`, `tcp_tso_autosize()` */
function tsoSegs(tcb: Tcb, mss: number): number {
  const { tcp_tso_rtt_log, tcp_min_tso_segs } = tcb.layer.conf;
  let bytes = pacingRate(tcb) / 2 ** PACING_SHIFT;
  const r = Math.max(tcb.minRttUs, 0) >> tcp_tso_rtt_log;
  if (r < 32) bytes += GSO_MAX_SIZE >>> r;
  bytes = Math.min(bytes, GSO_MAX_SIZE);
  return Math.max(Math.floor(bytes / mss), tcp_min_tso_segs);
}

/** Bytes that wait together for their turn: half the peer's window at most, whole segments. `tcp_xmit_size_goal()` */
export function sizeGoal(tcb: Tcb, mss: number): number {
  if (!tcb.flow.inet.gso(tcb.flow)) return mss;
  const half = tcb.maxWindow > 536 ? tcb.maxWindow >> 1 : tcb.maxWindow;
  const most = half > 0 ? Math.min(GSO_MAX_SIZE, half) : GSO_MAX_SIZE;
  return Math.max(1, Math.floor(most / mss)) * mss;
}

/** What {@link splitPoint} and {@link tsoShouldDefer} ask of the text that is at the head of the queue. */
export interface Waiting {
  /** Bytes of it. */
  len: number;
  /** Nothing waits behind it. */
  tail: boolean;
  /** Segments that may leave together. */
  quota: number;
  /** Bytes that the peer's window has room for: a segment at least. */
  window: number;
}

/**
 * Bytes of what waits that go out now.
 * @param nagle whether a short segment at the end is to wait
 * Linux `tcp_mss_split_point()`
 */
export function splitPoint(tcb: Tcb, waiting: Waiting, mss: number, nagle: boolean): number {
  const most = mss * Math.min(waiting.quota, tsoSegs(tcb, mss));
  if (most <= waiting.window && !waiting.tail) return Math.min(most, waiting.len);
  const needed = Math.min(waiting.len, waiting.window);
  if (most <= needed) return most;
  return nagle ? needed - (needed % mss) : needed;
}

/** Why part of a super-segment waits for the next acknowledgement: the congestion window holds it back, or something else. */
type Deferral = 'cwnd' | 'other';

/** Whether it is better to wait than to send part of a super-segment; undefined if not. `tcp_tso_should_defer()` */
export function tsoShouldDefer(tcb: Tcb, waiting: Waiting, mss: number): Deferral | undefined {
  if (tcb.caState === 'Recovery' || tcb.caState === 'Loss') return undefined;
  if (tcb.now - tcb.lastSendTime > MS || tcb.rtx.count === 0) return undefined;
  const room = (tcb.cwnd - tcb.inFlight) * tcb.mss;
  const limit = Math.min(waiting.window, room);
  if (limit >= tsoSegs(tcb, mss) * tcb.mss) return undefined;
  if (!waiting.tail && limit >= waiting.len) return undefined;
  const divisor = tcb.layer.conf.tcp_tso_win_divisor;
  if (divisor > 0 && limit >= Math.floor(Math.min(tcb.sndWnd, tcb.cwnd * tcb.mss) / divisor))
    return undefined;
  const age = tcb.now - tcb.rtx.sentAt(0);
  if (age - (tcb.srtt >> 4) * 1000 < 0) return undefined;
  if (room < waiting.window && room <= waiting.len) return 'cwnd';
  if (room >= waiting.window && waiting.window <= waiting.len) return 'other';
  return tcb.finQueued && waiting.tail ? undefined : 'other';
}
