import { SEC, Timer, type TimerOwner } from '@labwire/core/sim';
import type { DropReason } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';
import type { NetDevice } from '../../link/net-device.ts';
import type { InetAddr } from '../../rtnetlink/types.ts';
import { after, before } from '../buffer/index.ts';
import type { Flow } from '../flow.ts';
import { sendBare } from '../output/output.ts';
import { receiveWindow } from '../output/window.ts';
import type { PortHolder } from '../table/index.ts';
import type { Tcb } from '../tcb.ts';
import type { TcpLayer } from '../tcp-layer.ts';
import { pawsRejects } from './paws.ts';
import type { Segment } from './segment.ts';

/** How long TIME-WAIT lasts, Nanos. TCP_TIMEWAIT_LEN */
export const TIMEWAIT_LEN: number = 60 * SEC;

/**
 * What is left of a connection that is over: enough to acknowledge the peer's last FIN again and to keep old
 * segments out of a new connection. RFC 9293 section 3.6.1, RFC 1337; Linux `struct tcp_timewait_sock`. A
 * connection in FIN-WAIT-2 that nobody holds is kept in the same form.
 */
export class TimeWait implements TimerOwner, PortHolder {
  readonly layer: TcpLayer;
  readonly flow: Flow;
  state: 'TIME-WAIT' | 'FIN-WAIT-2';
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  readonly listening = false;
  readonly mapped: boolean;
  sndNxt: number;
  rcvNxt: number;
  readonly rcvWnd: number;
  readonly rcvWscale: number;
  readonly tsOk: boolean;
  readonly tsOffset: number;
  tsRecent: number;
  /** When {@link tsRecent} was taken, Nanos. */
  tsRecentTime: number;
  readonly timer: Timer;
  #lastAck = -1;

  constructor(tcb: Tcb, state: 'TIME-WAIT' | 'FIN-WAIT-2') {
    this.layer = tcb.layer;
    this.flow = tcb.flow;
    this.state = state;
    this.reuseAddr = tcb.reuseAddr;
    this.reusePort = tcb.reusePort;
    this.mapped = tcb.mapped;
    this.sndNxt = tcb.sndNxt;
    this.rcvNxt = tcb.rcvNxt;
    this.rcvWnd = receiveWindow(tcb);
    this.rcvWscale = tcb.rcvWscale;
    this.tsOk = tcb.tsOk;
    this.tsOffset = tcb.tsOffset;
    this.tsRecent = tcb.tsRecent;
    this.tsRecentTime = tcb.tsRecentTime;
    this.timer = new Timer(tcb.layer.sim, this, 0);
  }

  /** {@link PortHolder} */
  get boundPort(): number {
    return this.flow.sport;
  }

  /** {@link PortHolder} */
  get boundAddr(): InetAddr {
    return this.flow.saddr;
  }

  /** {@link PortHolder} */
  get boundDev(): NetDevice | null {
    return this.flow.boundDev;
  }

  /** {@link PortHolder} */
  get uid(): number {
    return this.flow.uid;
  }

  /** {@link PortHolder} */
  get v4(): boolean {
    return this.flow.inet.family === 'inet';
  }

  /** {@link PortHolder} */
  get v6(): boolean {
    return this.flow.inet.family === 'inet6';
  }

  /** (Re)starts the wait. */
  arm(nanos: number): void {
    this.timer.arm(nanos);
  }

  onTimer(): void {
    this.layer.removeTimeWait(this);
  }

  /** Ends the wait. */
  kill(): void {
    this.timer.cancel();
    this.layer.removeTimeWait(this);
  }

  /** Acknowledges what has been received. `tcp_v4_timewait_ack()` */
  acknowledge(): void {
    const { now } = this.layer.sim;
    const val = (Math.floor(now / 1_000_000) + this.tsOffset) | 0;
    const ts = this.tsOk ? { val, ecr: this.tsRecent } : undefined;
    const window = Math.min(this.rcvWnd >>> this.rcvWscale, 65_535);
    sendBare(this.layer.mib, this.flow, TCPHDR_ACK, this.sndNxt, this.rcvNxt, window, ts);
  }

  /** Acknowledges a segment out of the window, not too often. RFC 5961 section 10 */
  answerUnacceptable(seg: Segment): void {
    const { sim, conf } = this.layer;
    const pause = conf.tcp_invalid_ratelimit * 1_000_000;
    const pure = seg.end === seg.seq || seg.has(TCPHDR_SYN);
    if (pure && this.#lastAck >= 0 && sim.now - this.#lastAck < pause) {
      if (this.state === 'TIME-WAIT') this.layer.ext.TCPACKSkippedTimeWait++;
      else this.layer.ext.TCPACKSkippedFinWait2++;
      return;
    }
    this.#lastAck = sim.now;
    this.acknowledge();
  }
}

/** What the layer is to do with a segment that met a {@link TimeWait}. `enum tcp_tw_status` */
export type TimeWaitVerdict = DropReason | 'consumed' | 'reset' | 'new connection';

/** A segment arrives for a connection that is over. Linux `tcp_timewait_state_process()` */
export function timeWaitArrives(tw: TimeWait, seg: Segment): TimeWaitVerdict {
  const paws = pawsReject(tw, seg);
  return tw.state === 'FIN-WAIT-2' ? finWait2Arrives(tw, seg, paws) : timeWait(tw, seg, paws);
}

function pawsReject(tw: TimeWait, seg: Segment): boolean {
  return tw.tsOk && seg.options.timestamps && pawsRejects(tw, seg, tw.layer.sim.now);
}

function takeTimestamp(tw: TimeWait, seg: Segment): void {
  if (!tw.tsOk || !seg.options.timestamps) return;
  tw.tsRecent = seg.options.tsVal | 0;
  tw.tsRecentTime = tw.layer.sim.now;
}

function inWindow(tw: TimeWait, seg: Segment): boolean {
  const end = (tw.rcvNxt + tw.rcvWnd) | 0;
  if (seg.seq === tw.rcvNxt) return true;
  if (after(seg.end, tw.rcvNxt) && before(seg.seq, end)) return true;
  return seg.seq === end && seg.seq === seg.end;
}

function finWait2Arrives(tw: TimeWait, seg: Segment, paws: boolean): TimeWaitVerdict {
  if (paws || !inWindow(tw, seg)) {
    tw.answerUnacceptable(seg); // a reset, too
    return 'tcp_overwindow';
  }
  if (seg.has(TCPHDR_RST)) {
    tw.kill();
    return 'tcp_reset';
  }
  if (seg.has(TCPHDR_SYN) && !before(seg.seq, tw.rcvNxt)) {
    tw.kill();
    return 'reset';
  }
  if (!seg.has(TCPHDR_ACK) || !after(seg.end, tw.rcvNxt) || seg.end === seg.seq) return 'consumed';
  if (!seg.has(TCPHDR_FIN) || seg.end !== ((tw.rcvNxt + 1) | 0)) {
    tw.kill(); // data that nobody can read any more
    return 'reset';
  }
  tw.state = 'TIME-WAIT';
  tw.rcvNxt = seg.end;
  takeTimestamp(tw, seg);
  tw.arm(TIMEWAIT_LEN);
  tw.acknowledge();
  return 'consumed';
}

function timeWait(tw: TimeWait, seg: Segment, paws: boolean): TimeWaitVerdict {
  if (!paws && seg.seq === tw.rcvNxt && (seg.seq === seg.end || seg.has(TCPHDR_RST))) {
    if (seg.has(TCPHDR_RST)) {
      if (tw.layer.conf.tcp_rfc1337 === 0) tw.kill();
      return 'tcp_reset';
    }
    takeTimestamp(tw, seg);
    tw.arm(TIMEWAIT_LEN);
    return 'consumed';
  }
  if (mayReopen(tw, seg, paws)) return 'new connection';
  if (seg.has(TCPHDR_RST)) return 'tcp_reset';
  if (paws) tw.layer.ext.PAWSTimewait++;
  if (paws || seg.has(TCPHDR_ACK)) tw.arm(TIMEWAIT_LEN);
  tw.answerUnacceptable(seg);
  return 'consumed';
}

/** A SYN that cannot be an old one opens a new connection. RFC 9293 section 3.10.7.4 (TIME-WAIT), RFC 6191 */
function mayReopen(tw: TimeWait, seg: Segment, paws: boolean): boolean {
  if (!seg.has(TCPHDR_SYN) || seg.has(TCPHDR_RST | TCPHDR_ACK) || paws) return false;
  if (after(seg.seq, tw.rcvNxt)) return true;
  return tw.tsOk && seg.options.timestamps && before(tw.tsRecent, seg.options.tsVal | 0);
}

/** Whether connect() may take over the address pair. `tcp_twsk_unique()` */
export function mayReuseTimeWait(tw: TimeWait, loopback: boolean): boolean {
  const { conf, sim } = tw.layer;
  if (tw.state !== 'TIME-WAIT' || !tw.tsOk || tw.tsRecentTime < 0) return false;
  if (conf.tcp_tw_reuse === 0 || (conf.tcp_tw_reuse === 2 && !loopback)) return false;
  return sim.now - tw.tsRecentTime > SEC;
}
