import type { TcpOptions } from '@labwire/core/wire';
import { sampleRtt, timestampRtt, updateRto } from '../loss/rtt.ts';
import { cancelRtx } from '../loss/rtx-timer.ts';
import { syncMss } from '../output/output.ts';
import {
  chooseWindowScale,
  initBufferSpace,
  initialWindow,
  initReceiveMss,
} from '../output/window.ts';
import { MSS_DEFAULT, type Tcb, TS_OPTION_LEN } from '../tcb.ts';
import type { Segment } from './segment.ts';

/*
 * What both sides of a handshake have in common.
 */

/** Largest shift of a window. RFC 7323 section 2.3 */
const MAX_WSCALE = 14;
/** TCP header without options. */
const HLEN = 20;
/** The least that a host tells, however small its device's packets. `ip_rt_min_advmss`, `ip6_rt_min_advmss` */
const MIN_ADVMSS = { inet: 256, inet6: 1220 } as const;

/** Takes the MSS that we tell, and the options that we offer, from route and settings. `tcp_connect_init()` */
export function offerOptions(tcb: Tcb): void {
  const { conf } = tcb.layer;
  const mtu = tcb.flow.inet.mtu(tcb.flow);
  const { family, headerLength } = tcb.flow.inet;
  const mss = Math.max(mtu - headerLength - HLEN, MIN_ADVMSS[family]);
  tcb.advMss = tcb.options.maxSeg > 0 ? Math.min(mss, tcb.options.maxSeg) : mss;
  tcb.mssClamp = tcb.options.maxSeg || 65_495;
  tcb.tsOk = conf.tcp_timestamps !== 0;
  tcb.sackOk = conf.tcp_sack !== 0;
  tcb.wscaleOk = conf.tcp_window_scaling !== 0;
  tcb.rcvWscale = chooseWindowScale(tcb);
  syncMss(tcb, mtu);
}

/** Numbers the first byte to be sent. RFC 9293 section 3.4.1; a seeded stream stands in for the secret. */
export function startSequence(tcb: Tcb, iss: number = tcb.layer.random.u32() | 0): void {
  tcb.iss = iss;
  tcb.sndUna = tcb.iss;
  tcb.sndNxt = (tcb.iss + 1) | 0;
  tcb.txBase = tcb.sndNxt;
  tcb.writeSeq = tcb.sndNxt;
  tcb.pushedSeq = tcb.sndNxt;
  tcb.sndSml = tcb.iss;
  tcb.rttSeq = tcb.iss;
  tcb.highSacked = tcb.iss;
  tcb.lostCursor = tcb.iss;
  tcb.resendCursor = tcb.iss;
}

/** Takes the peer's number and options from its SYN; what it does not offer is not used. */
export function takeSyn(tcb: Tcb, seg: Segment): void {
  takeOffer(tcb, seg.seq, seg.window, seg.options);
}

/** The same of a SYN that is past. */
export function takeOffer(tcb: Tcb, irs: number, window: number, options: TcpOptions): void {
  tcb.irs = irs;
  tcb.rcvNxt = (irs + 1) | 0;
  tcb.rcvWup = tcb.rcvNxt;
  tcb.copiedSeq = tcb.rcvNxt;
  tcb.sndWl1 = irs;
  tcb.sndWnd = window;
  tcb.maxWindow = window;
  tcb.sackOk &&= options.sackPermitted;
  tcb.tsOk &&= options.timestamps;
  tcb.wscaleOk &&= options.wscale >= 0;
  if (tcb.wscaleOk) tcb.sndWscale = Math.min(options.wscale, MAX_WSCALE);
  else tcb.rcvWscale = 0;
  if (tcb.tsOk) {
    tcb.tsRecent = options.tsVal | 0;
    tcb.tsRecentTime = tcb.now;
  }
  const mss = options.mss > 0 ? options.mss : MSS_DEFAULT;
  tcb.mssClamp = Math.min(mss, tcb.options.maxSeg || mss);
  syncMss(tcb, tcb.pmtu);
}

/** The window that the SYN offers: whole segments of an empty buffer. */
export function offerWindow(tcb: Tcb): void {
  initialWindow(tcb, tcb.advMss - (tcb.rcvWup !== 0 && tcb.tsOk ? TS_OPTION_LEN : 0));
}

/** Gives the packets of what is a connection by now identifications of their own. `tcp_v4_syn_recv_sock()` */
export function numberPackets({ flow, layer }: Tcb): void {
  if (flow.ipId < 0) flow.ipId = layer.random.u32() & 0xffff;
}

/** Both sides know of each other: data may flow. `tcp_init_transfer()` */
export function establish(tcb: Tcb, seg: Segment): void {
  if (tcb.state === 'SYN-SENT') {
    tcb.bytesAcked = 1; // the SYN counts, as in tcp_ack()
    tcb.layer.ext.TCPDelivered++;
  }
  tcb.delivered = 1;
  tcb.sndUna = seg.ack;
  if (tcb.synTime >= 0) sampleRtt(tcb, Math.floor((tcb.now - tcb.synTime) / 1000));
  else if (tcb.tsOk) {
    const us = timestampRtt(tcb, seg.options.tsEcr);
    if (us !== undefined) sampleRtt(tcb, us);
  }
  updateRto(tcb);
  if (tcb.totalRetrans > 1) tcb.cwnd = 1; // RFC 6298 section 5.7, RFC 5681 section 3.1
  tcb.retransmits = 0;
  tcb.retransStamp = 0;
  cancelRtx(tcb);
  syncMss(tcb, tcb.pmtu);
  if (tcb.tsOk) tcb.advMss -= TS_OPTION_LEN;
  initReceiveMss(tcb);
  initBufferSpace(tcb);
  tcb.lastRcvTime = tcb.now;
  numberPackets(tcb);
  tcb.fastPath = tcb.state === 'SYN-RECEIVED' || tcb.sndWscale === 0;
  tcb.setState('ESTABLISHED', 'handshake done');
  armKeepalive(tcb);
}

/** Starts the keepalive timer if the user wants it. RFC 9293 section 3.8.4 */
export function armKeepalive(tcb: Tcb): void {
  if (!tcb.options.keepAlive) return;
  tcb.keepTimer.arm(tcb.options.keepIdle ?? tcb.layer.conf.tcp_keepalive_time * 1e9);
}
