import type { Errno } from '@labwire/core/error';
import { type Nanos, Timer, type TimerOwner } from '@labwire/core/sim';
import type { NetDevice } from '../link/net-device.ts';
import type { InetAddr } from '../rtnetlink/types.ts';
import { ByteRing, Reassembly, RtxQueue } from './buffer/index.ts';
import type { TcpSocketOptions } from './conf/index.ts';
import type { CongestionControl } from './congestion/index.ts';
import type { Flow } from './flow.ts';
import type { TcpSocket } from './socket.ts';
import type { PortHolder } from './table/index.ts';
import type { TcpLayer } from './tcp-layer.ts';

/** Connection states. RFC 9293 section 3.3.2; LISTEN is a socket without a connection, TIME-WAIT a record of its own. */
export type TcpState =
  | 'CLOSED'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

/** Where congestion control stands. Linux include/uapi/linux/tcp.h, `enum tcp_ca_state` */
export type CaState = 'Open' | 'Disorder' | 'CWR' | 'Recovery' | 'Loss';

/** What the retransmission timer is armed for. `icsk_pending` */
export type RtxTimerUse = 'none' | 'retrans' | 'probe' | 'loss-probe';

/** Segments sent before the first acknowledgement. RFC 6928; TCP_INIT_CWND */
export const INIT_CWND = 10;
/** No slow start threshold yet. TCP_INFINITE_SSTHRESH */
export const INFINITE_SSTHRESH = 0x7fffffff;
/** Microseconds. RFC 6298 section 2.1; TCP_TIMEOUT_INIT */
export const RTO_INIT_US = 1_000_000;
/** Shortest delay of an acknowledgement, microseconds. TCP_ATO_MIN, TCP_DELACK_MIN */
export const ATO_MIN_US = 40_000;
/** What a peer without an MSS option takes. RFC 9293 section 3.7.1 */
export const MSS_DEFAULT = 536;
/** Bytes that the timestamp option takes with its padding. TCPOLEN_TSTAMP_ALIGNED */
export const TS_OPTION_LEN = 12;

/** Kinds of {@link Tcb} timers. */
export const TIMER_RTX = 0;
export const TIMER_DELACK = 1;
export const TIMER_KEEP = 2;

/**
 * A transmission control block: all that one connection knows. Fields are named as in RFC 9293 section 3.3.1,
 * RFC 6298 and RFC 5681, or as in Linux `struct tcp_sock`; sequence numbers are signed 32-bit, RTTs
 * microseconds, moments Nanos, windows bytes, cwnd segments.
 */
export class Tcb implements TimerOwner, PortHolder {
  readonly layer: TcpLayer;
  readonly flow: Flow;
  readonly options: TcpSocketOptions;
  /** Changed by {@link setState} alone. */
  state: TcpState = 'CLOSED';
  /** The socket that holds it; null before accept() and after close(). */
  socket: TcpSocket | null = null;
  /** The listener whose queue it is in, until it is accepted. */
  listener: TcpSocket | null = null;
  /** It is in the layer's table of connections. */
  hashed = false;
  /** SO_REUSEADDR, SO_REUSEPORT: whether its port may be bound again. */
  reuseAddr = false;
  reusePort = false;
  readonly listening = false;
  /** Its socket is an IPv6 one, be the packets IPv4 (mapped addresses). */
  mapped = false;

  // Sending.
  iss = 0;
  sndUna = 0;
  sndNxt = 0;
  /** The sequence number behind all that the user has written, without FIN. `write_seq` */
  writeSeq = 0;
  /** Sequence number of the first byte in {@link tx}. */
  txBase = 0;
  readonly tx: ByteRing = new ByteRing();
  sndWnd = 0;
  /** SEG.SEQ of the last window update. */
  sndWl1 = 0;
  /** Largest window that the peer ever offered. */
  maxWindow = 0;
  sndWscale = 0;
  /** The user will write no more: a FIN follows the last byte. */
  finQueued = false;
  /** End of the last segment that was sent though it was not full: Minshall's rule. `snd_sml` */
  sndSml = 0;
  /** Where the last PSH was put. `pushed_seq` */
  pushedSeq = 0;
  /** When data was last sent. `lsndtime` */
  lastSendTime: Nanos = 0;
  sndBuf = 0;

  // Receiving.
  irs = 0;
  rcvNxt = 0;
  /** RCV.NXT when the window was last told. */
  rcvWup = 0;
  rcvWnd = 0;
  rcvWscale = 0;
  /** Sequence number of the first byte that the user has not read. */
  copiedSeq = 0;
  readonly rx: ByteRing = new ByteRing();
  readonly reassembly: Reassembly = new Reassembly();
  /** The peer's FIN has been taken in. */
  finReceived = false;
  /** The peer's FIN has come, perhaps ahead of data; at which sequence number. */
  finSeen = false;
  finSeq = 0;
  /** SHUT_RD */
  rcvShutdown = false;
  rcvBuf = 0;
  windowClamp = 0;
  /** How much of the window we dare to offer yet. `rcv_ssthresh` */
  rcvSsthresh = 0;
  /** Of 256 bytes of buffer, how many hold data. `scaling_ratio` */
  scalingRatio = 128;
  /** Size of the peer's full segments, as seen. */
  rcvMss = 0;
  /** MSS that we told; less the timestamps once they are agreed on. */
  advMss = 0;
  /** Start and end of what arrived twice, to be told first. RFC 2883 */
  dsackStart = 0;
  dsackEnd = 0;
  dsackPending = false;
  /** Receive buffer tuning: bytes read in the last round trip, where and when it began. `rcvq_space` */
  rcvqSpace = 0;
  rcvqSeq = 0;
  rcvqTime: Nanos = 0;
  /** Eight times the round trip as the receiver sees it, microseconds; 0 if unknown. `rcv_rtt_est` */
  rcvRtt = 0;
  rcvRttSeq = 0;
  rcvRttTime: Nanos = -1;
  rcvRttTsEcr = 0;

  // Negotiated.
  sackOk = false;
  tsOk = false;
  wscaleOk = false;
  /** Added to the clock in milliseconds to give TSval. */
  tsOffset = 0;
  tsRecent = 0;
  /** When tsRecent was taken; -1 for never. */
  tsRecentTime: Nanos = -1;
  /** Timestamps of the first and the last SYN-ACK, signed 32-bit. `snt_tsval_first`, `snt_tsval_last` */
  synAckFirst = 0;
  synAckLast = 0;
  /** The peer's MSS, or the user's if that is less. */
  mssClamp: number = MSS_DEFAULT;
  pmtu = 0;
  /** Text bytes of a full segment, after options. `mss_cache` */
  mss: number = MSS_DEFAULT;

  // Round-trip time and retransmission.
  /** Eight times the smoothed RTT. */
  srtt = 0;
  mdev = 0;
  mdevMax = 0;
  rttvar = 0;
  rttSeq = 0;
  minRttUs = -1;
  rtoUs: number = RTO_INIT_US;
  backoff = 0;
  retransmits = 0;
  /** When the SYN or SYN-ACK was sent; -1 once it has been sent again. */
  synTime: Nanos = -1;
  /** When the first of a row of retransmissions was sent; 0 if none is out. */
  retransStamp: Nanos = 0;
  /** When SND.UNA last moved. */
  progressTime: Nanos = 0;
  probesOut = 0;
  probesStamp: Nanos = 0;
  readonly rtx: RtxQueue = new RtxQueue();
  /** SND.NXT when the tail loss probe was sent; the probe is out while {@link tlpOut}. */
  tlpHighSeq = 0;
  tlpOut = false;
  tlpRetrans = false;

  // Congestion.
  readonly congestion: CongestionControl;
  caState: CaState = 'Open';
  cwnd: number = INIT_CWND;
  cwndCnt = 0;
  ssthresh: number = INFINITE_SSTHRESH;
  priorCwnd = 0;
  priorSsthresh = 0;
  prrDelivered = 0;
  prrOut = 0;
  /** SND.NXT when trouble began. */
  highSeq = 0;
  /** The reduction may yet turn out to have been for nothing. */
  undoMarker = false;
  /** Retransmissions that have not been told as duplicates; -1 before there was one. */
  undoRetrans = 0;
  /** Duplicate acknowledgements, where the peer has no SACK. */
  renoSacked = 0;
  /** Everything before it has been judged lost or not. */
  lostCursor = 0;
  /** No lost segment before it waits to be sent again. */
  resendCursor = 0;
  /** End of the highest segment that was SACKed. */
  highSacked = 0;
  reordering = 3;
  delivered = 0;
  isCwndLimited = false;
  /** Most segments in flight since the window was last filled, and when that was. `snd_cwnd_used`, `snd_cwnd_stamp` */
  cwndUsed = 0;
  cwndStamp: Nanos = 0;
  maxPacketsOut = 0;
  /** Latest moment of sending among the segments that arrived. RFC 8985, RACK.xmit_ts */
  rackTime: Nanos = 0;

  // Acknowledging.
  ackPending = false;
  /** A short segment has arrived since the last ACK; and another one. ICSK_ACK_PUSHED, PUSHED2 */
  ackPushed = false;
  ackPushed2 = false;
  /** The next one is due at once, whatever else. ICSK_ACK_NOW */
  ackNow = false;
  /** ACKs yet to be sent at once. */
  quick = 0;
  /** The connection is one of question and answer: ACKs ride on data. */
  pingpong = false;
  /** Delay of an acknowledgement, microseconds. */
  atoUs = 0;
  lastRcvTime: Nanos = 0;
  /** When the last acceptable acknowledgement came. `rcv_tstamp` */
  lastHeard: Nanos = 0;
  /** The next segment may be taken for what is expected, if it looks so. `pred_flags` */
  fastPath = false;
  /** When the last challenge or out-of-window ACK was sent. RFC 5961 section 10 */
  oowAckTime: Nanos = -1;

  // Timers.
  readonly rtxTimer: Timer;
  rtxTimerUse: RtxTimerUse = 'none';
  readonly delackTimer: Timer;
  /** Keepalive; the SYN-ACK's in SYN-RECEIVED; FIN-WAIT-2's once nobody holds the socket. */
  readonly keepTimer: Timer;
  keepProbesOut = 0;

  /** Why it ended, for a socket that accepts it afterwards. `sk_err` */
  error: Errno | undefined;
  /** What an ICMP error said while it may still pass: told if the connection times out. */
  softError: Errno | undefined;

  // Counters, as `ss -i` shows them.
  bytesSent = 0;
  bytesRetrans = 0;
  bytesAcked = 0;
  bytesReceived = 0;
  segsOut = 0;
  segsIn = 0;
  dataSegsOut = 0;
  dataSegsIn = 0;
  totalRetrans = 0;
  dsackDups = 0;

  constructor(
    layer: TcpLayer,
    flow: Flow,
    options: TcpSocketOptions,
    congestion: CongestionControl,
  ) {
    this.layer = layer;
    this.flow = flow;
    this.options = options;
    this.congestion = congestion;
    this.rtxTimer = new Timer(layer.sim, this, TIMER_RTX);
    this.delackTimer = new Timer(layer.sim, this, TIMER_DELACK);
    this.keepTimer = new Timer(layer.sim, this, TIMER_KEEP);
    this.lastRcvTime = layer.sim.now;
    this.reordering = layer.conf.tcp_reordering;
    this.tsOffset = layer.random.u32() | 0;
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

  /** Now, Nanos. */
  get now(): Nanos {
    return this.layer.sim.now;
  }

  /** The clock of the timestamp option: milliseconds, signed 32-bit. */
  get tsClock(): number {
    return (Math.floor(this.layer.sim.now / 1_000_000) + this.tsOffset) | 0;
  }

  /** Bytes written and not yet acknowledged. */
  get queuedBytes(): number {
    return (this.writeSeq - this.txBase) | 0;
  }

  /** Bytes received in order and not yet read. */
  get unreadBytes(): number {
    return (this.rcvNxt - this.copiedSeq - (this.finReceived ? 1 : 0)) | 0;
  }

  /** The sequence number behind all that is to be sent, FIN included. */
  get sendEnd(): number {
    return this.finQueued ? (this.writeSeq + 1) | 0 : this.writeSeq;
  }

  /** Segments thought to be in the network. */
  get inFlight(): number {
    return this.rtx.inFlight - this.renoSacked;
  }

  /** Segments known to have left the network, SACKed or counted by duplicate acknowledgements. */
  get sackedOut(): number {
    return this.rtx.sackedOut + this.renoSacked;
  }

  /** RFC 9293 section 3.3.2: the one place where the state changes. `event` names the cause for those who watch. */
  setState(next: TcpState, event: string): void {
    const old = this.state;
    this.state = next;
    this.layer.mib.countState(old, next);
    if (this.layer.stateTrace.active) this.layer.stateTrace.emit(this, old, event, next);
  }

  onTimer(kind: number): void {
    this.layer.onTimer(this, kind);
  }
}

/** Whether the congestion window is being brought down to `ssthresh`. `tcp_in_cwnd_reduction()` */
export function inReduction(tcb: Tcb): boolean {
  return tcb.caState === 'CWR' || tcb.caState === 'Recovery';
}
