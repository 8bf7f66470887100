import { SEC } from '@labwire/core/sim';
import { before, distance } from '../buffer/index.ts';
import type { Tcb } from '../tcb.ts';

/*
 * The receive window. A buffer of `rcvBuf` bytes holds data and what the kernel needs around it; `scalingRatio`
 * says how much of it is data, so that windows are the sizes that Linux offers. The window opens by twice the
 * MSS per segment (`rcvSsthresh`) up to `windowClamp`; the buffer itself grows if the user reads faster
 * than it lets the peer send (dynamic right-sizing).
 */

/** Bytes that an skb takes besides its text; with it a stream of full segments gets the windows that Linux shows. */
const SKB_OVERHEAD = 856;
/** What a byte costs once segments have been joined in the queue. `tcp_try_coalesce()` */
const COALESCED_COST = 67 / 64;
/** Room of an skb that the sender's buffer is reckoned in. `tcp_sndbuf_expand()` */
const SND_SKB_TRUESIZE = 4352;

/** How much window a buffer of so many bytes gives. `tcp_win_from_space()` */
function windowFromSpace(tcb: Tcb, space: number): number {
  return Math.floor((space * tcb.scalingRatio) / 256);
}

/** The buffer that a window needs. `tcp_space_from_win()` */
function spaceFromWindow(tcb: Tcb, win: number): number {
  return Math.floor((win * 256) / tcb.scalingRatio);
}

/** The window that the free part of the buffer gives. `tcp_space()` */
function freeSpace(tcb: Tcb): number {
  const held = distance(tcb.copiedSeq, tcb.rcvNxt);
  const cost = held > 0 ? Math.max(held + SKB_OVERHEAD, Math.floor(held * COALESCED_COST)) : 0;
  return windowFromSpace(tcb, tcb.rcvBuf - cost);
}

/** The window of an empty buffer, rounded to whole segments, before anything is known. `tcp_select_initial_window()` */
export function initialWindow(tcb: Tcb, mss: number): void {
  let space = Math.max(0, windowFromSpace(tcb, tcb.rcvBuf));
  tcb.windowClamp = space;
  if (space > mss) space -= space % mss;
  tcb.rcvWnd = space;
  tcb.rcvSsthresh = space;
  tcb.rcvWup = tcb.rcvNxt;
}

/** The shift that lets a window grow to the largest buffer. RFC 7323 section 2.3; `tcp_select_initial_window()` */
export function chooseWindowScale(tcb: Tcb): number {
  const { tcp_rmem, tcp_window_scaling } = tcb.layer.conf;
  const { rmemMax } = tcb.layer.netns.kernel.core;
  if (tcp_window_scaling === 0) return 0;
  const space = tcb.options.rcvBufLocked ? tcb.rcvBuf : Math.max(tcp_rmem[2], rmemMax, tcb.rcvBuf);
  const log2 = 31 - Math.clz32(space);
  return Math.min(Math.max(log2 - 15, 0), 14);
}

/** The window to offer now: never one that is not worth a segment (RFC 1122 section 4.2.3.3). `__tcp_select_window()` */
export function usableWindow(tcb: Tcb): number {
  const allowed = windowFromSpace(tcb, tcb.rcvBuf);
  const full = Math.min(tcb.windowClamp, allowed);
  const mss = Math.min(tcb.rcvMss, full);
  if (mss <= 0) return 0;
  const unit = 1 << tcb.rcvWscale;
  let free = freeSpace(tcb);
  if (free < full >> 1) {
    tcb.quick = 0;
    free -= ((free % unit) + unit) % unit;
    if (free < allowed >> 4 || free < mss) return 0;
  }
  if (free > tcb.rcvSsthresh) free = tcb.rcvSsthresh;
  if (tcb.rcvWscale > 0) return Math.ceil(free / unit) * unit;
  const win = tcb.rcvWnd;
  if (win <= free - mss || win > free) return free - (free % mss);
  return mss === full && free > win + (full >> 1) ? free : win;
}

/** What is left of the window that was last told. `tcp_receive_window()` */
export function receiveWindow(tcb: Tcb): number {
  return Math.max(0, (tcb.rcvWup + tcb.rcvWnd - tcb.rcvNxt) | 0);
}

/** Takes a window to tell, and its 16 bits: what has been offered is not taken back. `tcp_select_window()` */
export function selectWindow(tcb: Tcb): number {
  const unit = 1 << tcb.rcvWscale;
  const current = receiveWindow(tcb);
  let win = usableWindow(tcb);
  if (win < current) {
    if (win === 0) tcb.layer.ext.TCPWantZeroWindowAdv++;
    win = Math.ceil(current / unit) * unit;
  }
  if (!tcb.wscaleOk) win = Math.min(win, 65_535);
  countZeroWindow(tcb, win >>> tcb.rcvWscale);
  tcb.rcvWnd = win;
  tcb.rcvWup = tcb.rcvNxt;
  return Math.min(win >>> tcb.rcvWscale, 65_535);
}

function countZeroWindow(tcb: Tcb, win: number): void {
  if (win === 0) {
    if (tcb.rcvWnd !== 0) tcb.layer.ext.TCPToZeroWindowAdv++;
  } else if (tcb.rcvWnd === 0) tcb.layer.ext.TCPFromZeroWindowAdv++;
}

/** Learns the size of the peer's segments, and with it what a buffer holds. `tcp_measure_rcv_mss()` */
export function measureSegment(tcb: Tcb, len: number): void {
  if (len >= tcb.rcvMss) {
    if (len === tcb.rcvMss) return;
    tcb.rcvMss = Math.min(len, tcb.advMss);
    tcb.scalingRatio = Math.min(255, Math.floor((len * 256) / (len + SKB_OVERHEAD)));
    setWindowClamp(tcb, windowFromSpace(tcb, tcb.rcvBuf));
    return;
  }
  if (tcb.ackPushed) tcb.ackPushed2 = true;
  tcb.ackPushed = true;
}

function setWindowClamp(tcb: Tcb, clamp: number): void {
  if (clamp < tcb.windowClamp) tcb.rcvSsthresh = Math.min(tcb.rcvSsthresh, clamp);
  else tcb.rcvSsthresh = Math.max(tcb.rcvSsthresh, Math.min(tcb.rcvWnd, clamp));
  tcb.windowClamp = clamp;
  if (clamp < tcb.rcvqSpace) tcb.rcvqSpace = clamp;
}

/** Opens the window a little more after a segment that was worth its buffer. `tcp_grow_window()` */
export function growWindow(tcb: Tcb, len: number): void {
  const room = Math.min(tcb.windowClamp, freeSpace(tcb)) - tcb.rcvSsthresh;
  if (room <= 0) return;
  const worth = windowFromSpace(tcb, len + SKB_OVERHEAD) <= len || len >= 128;
  if (!worth) return;
  tcb.rcvSsthresh += Math.min(room, Math.max(2 * tcb.advMss, 2 * len));
  tcb.quick |= 1;
}

/** Grows the buffer if the user read more in a round trip than ever before. `tcp_rcv_space_adjust()` */
export function adjustReceiveSpace(tcb: Tcb): void {
  const { conf } = tcb.layer;
  if (tcb.rcvRtt === 0 || tcb.now - tcb.rcvqTime < (tcb.rcvRtt >> 3) * 1000) return;
  const copied = distance(tcb.rcvqSeq, tcb.copiedSeq);
  if (copied > tcb.rcvqSpace && conf.tcp_moderate_rcvbuf !== 0 && !tcb.options.rcvBufLocked) {
    let win = 2 * copied + 16 * tcb.advMss;
    win += (2 * (win * (copied - tcb.rcvqSpace))) / Math.max(1, tcb.rcvqSpace);
    const buf = Math.min(spaceFromWindow(tcb, win), conf.tcp_rmem[2]);
    if (buf > tcb.rcvBuf) {
      tcb.rcvBuf = buf;
      tcb.windowClamp = windowFromSpace(tcb, buf);
    }
  }
  if (copied > tcb.rcvqSpace) tcb.rcvqSpace = copied;
  tcb.rcvqSeq = tcb.copiedSeq;
  tcb.rcvqTime = tcb.now;
}

/** Round trip seen by the receiver, from the timestamp that came back with a full segment. `tcp_rcv_rtt_measure_ts()` */
export function measureReceiveRtt(tcb: Tcb, tsEcr: number): void {
  if (tsEcr === 0 || (tsEcr | 0) === tcb.rcvRttTsEcr) return;
  tcb.rcvRttTsEcr = tsEcr | 0;
  const ms = (tcb.tsClock - tsEcr) | 0;
  if (ms <= 0 || ms > SEC / 1000) return;
  const us = ms * 1000;
  tcb.rcvRtt += tcb.rcvRtt === 0 ? us << 3 : us - (tcb.rcvRtt >> 3);
}

/** The same from how long a whole window took to arrive: an upper bound, of which the least counts. `tcp_rcv_rtt_measure()` */
export function measureReceiveRttByWindow(tcb: Tcb): void {
  if (tcb.rcvRttTime >= 0) {
    if (before(tcb.rcvNxt, tcb.rcvRttSeq)) return;
    const eighths = Math.max(1, Math.floor((tcb.now - tcb.rcvRttTime) / 1000)) << 3;
    if (tcb.rcvRtt === 0 || eighths < tcb.rcvRtt) tcb.rcvRtt = eighths;
  }
  tcb.rcvRttSeq = (tcb.rcvNxt + tcb.rcvWnd) | 0;
  tcb.rcvRttTime = tcb.now;
}

/** What is fixed when a connection is established. `tcp_init_buffer_space()` */
export function initBufferSpace(tcb: Tcb): void {
  expandSendBuffer(tcb);
  const full = windowFromSpace(tcb, tcb.rcvBuf);
  tcb.windowClamp = Math.min(tcb.windowClamp, full);
  if (tcb.windowClamp > 2 * tcb.advMss && tcb.windowClamp + tcb.advMss > full) {
    tcb.windowClamp = Math.max(2 * tcb.advMss, full - tcb.advMss); // one segment stays in reserve
  }
  tcb.rcvSsthresh = Math.min(tcb.rcvSsthresh, tcb.windowClamp);
  tcb.rcvqSpace = Math.min(tcb.rcvSsthresh, tcb.rcvWnd, 10 * tcb.advMss);
  tcb.rcvqSeq = tcb.copiedSeq;
  tcb.rcvqTime = tcb.now;
  tcb.cwndStamp = tcb.now;
}

/** Lets the send buffer hold two windows. `tcp_sndbuf_expand()` */
export function expandSendBuffer(tcb: Tcb): void {
  if (tcb.options.sndBufLocked) return;
  const segments = Math.max(10, tcb.cwnd, tcb.reordering + 1);
  const want = Math.min(2 * segments * SND_SKB_TRUESIZE, tcb.layer.conf.tcp_wmem[2]);
  if (want > tcb.sndBuf) tcb.sndBuf = want;
}

/** What the window must be known to: the peer's MSS guess before anything came. `tcp_initialize_rcv_mss()` */
export function initReceiveMss(tcb: Tcb): void {
  const hint = Math.min(tcb.advMss, tcb.mss, tcb.rcvWnd >> 1, 536);
  tcb.rcvMss = Math.max(hint, 88);
}
