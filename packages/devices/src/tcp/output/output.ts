import { put16 } from '@labwire/core/bytes';
import { allocSkb, CHECKSUM_UNNECESSARY, type SkBuff } from '@labwire/core/skb';
import {
  checksum,
  TCP_MIN_HLEN,
  TCPHDR_ACK,
  TCPHDR_FIN,
  TCPHDR_PSH,
  TCPHDR_RST,
  TCPHDR_SYN,
  type TcpFields,
  TcpOff,
  TcpOptions,
  tcpOptionsLength,
  writeTcp,
  writeTcpOptions,
} from '@labwire/core/wire';
import { HAS_FIN } from '../buffer/index.ts';
import type { Flow } from '../flow.ts';
import type { TcpMib } from '../mib.ts';
import { ATO_MIN_US, INIT_CWND, inReduction, type Tcb, TS_OPTION_LEN } from '../tcb.ts';
import { selectWindow } from './window.ts';

/*
 * How segments are made. Nothing here decides when: see transmit.ts for new data, recovery.ts and timers.ts
 * for what is sent again, delayed-ack.ts for acknowledgements.
 */

/** The header that is being written. */
class HeaderFields implements TcpFields {
  sport = 0;
  dport = 0;
  seq = 0;
  ack = 0;
  hlen = 0;
  flags = 0;
  window = 0;
  check = 0;
  urgPtr = 0;
}

const header = new HeaderFields();
const options = new TcpOptions();
const sackBlocks = new Int32Array(8);

/** Writes header and options in front of `textLen` bytes still to be copied. @returns where the text goes */
function writeHeader(skb: SkBuff, flow: Flow, textLen: number): number {
  const hlen = TCP_MIN_HLEN + tcpOptionsLength(options);
  const at = skb.put(hlen + textLen);
  header.sport = flow.sport;
  header.dport = flow.dport;
  header.hlen = hlen;
  writeTcp(skb.buf, at, header);
  writeTcpOptions(skb.buf, at + TCP_MIN_HLEN, options);
  return at + hlen;
}

/** Fills in the check and hands the segment to IP. @returns whether it got out */
function finish(skb: SkBuff, flow: Flow, bare: boolean = false): boolean {
  const sum = flow.inet.pseudoSum(flow.saddr, flow.daddr, skb.len);
  const check = checksum(skb.buf, skb.data, skb.len, sum, skb.words);
  put16(skb.buf, skb.data + TcpOff.check, check);
  skb.th = skb.data;
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  skb.mark = flow.mark;
  return flow.inet.xmit(skb, flow, bare);
}

/** Sends a segment that belongs to no connection: a reset, or TIME-WAIT's acknowledgement. */
export function sendBare(
  mib: TcpMib,
  flow: Flow,
  flags: number,
  seq: number,
  ack: number,
  window: number,
  timestamps?: { readonly val: number; readonly ecr: number },
): void {
  options.clear();
  if (timestamps !== undefined) {
    options.timestamps = true;
    options.tsVal = timestamps.val;
    options.tsEcr = timestamps.ecr;
  }
  header.seq = seq;
  header.ack = ack;
  header.flags = flags;
  header.window = window;
  const skb = allocSkb(TCP_MIN_HLEN + TS_OPTION_LEN);
  writeHeader(skb, flow, 0);
  mib.OutSegs++;
  if ((flags & TCPHDR_RST) !== 0) mib.OutRsts++;
  finish(skb, flow, true);
}

function setTimestamps(tcb: Tcb): void {
  options.timestamps = true;
  options.tsVal = tcb.tsClock;
  options.tsEcr = tcb.tsRecent;
}

/** Options of a segment without SYN: `nop,nop,TS` and SACK blocks. `tcp_established_options()` */
function setOptions(tcb: Tcb): void {
  options.clear();
  if (tcb.tsOk) setTimestamps(tcb);
  if (!tcb.sackOk || (!tcb.dsackPending && tcb.reassembly.count === 0)) return;
  const max = tcb.tsOk ? 3 : 4;
  let n = 0;
  if (tcb.dsackPending) {
    options.sacks[0] = tcb.dsackStart;
    options.sacks[1] = tcb.dsackEnd;
    n = 1;
  }
  const blocks = tcb.reassembly.blocks(sackBlocks, max - n);
  for (let i = 0; i < 2 * blocks; i++) options.sacks[2 * n + i] = sackBlocks[i] as number;
  options.sackCount = n + blocks;
}

/** Options of a SYN or SYN-ACK; the second answers what the first asked. `tcp_syn_options()`, `tcp_synack_options()` */
function setSynOptions(tcb: Tcb): void {
  options.clear();
  options.mss = tcb.advMss;
  options.sackPermitted = tcb.sackOk;
  if (tcb.tsOk) setTimestamps(tcb);
  if (tcb.wscaleOk) options.wscale = tcb.rcvWscale;
}

/** Bytes that SACK blocks take from the next segment's text. */
export function sackOptionLength(tcb: Tcb): number {
  if (!tcb.sackOk || (!tcb.dsackPending && tcb.reassembly.count === 0)) return 0;
  const n = Math.min(tcb.reassembly.count + (tcb.dsackPending ? 1 : 0), tcb.tsOk ? 3 : 4);
  return 4 + 8 * n;
}

/** An acknowledgement leaves, alone or with data. `tcp_event_ack_sent()` */
function noteAckSent(tcb: Tcb): void {
  if (tcb.quick > 0 && --tcb.quick === 0) tcb.atoUs = ATO_MIN_US;
  tcb.dsackPending = false;
  tcb.ackPending = false;
  tcb.ackNow = false;
  tcb.ackPushed = false;
  tcb.ackPushed2 = false;
  tcb.delackTimer.cancel();
}

/**
 * Sends a segment of a connection: `textLen` bytes of the send queue from `seq` on, a super-segment if that is more
 * than `mss`. Sent again it does not count in OutSegs. `__tcp_transmit_skb()`
 */
export function transmit(
  tcb: Tcb,
  seq: number,
  textLen: number,
  flags: number,
  mss: number = textLen,
  again: boolean = false,
): boolean {
  const syn = (flags & TCPHDR_SYN) !== 0;
  if (syn) setSynOptions(tcb);
  else setOptions(tcb);
  header.seq = seq;
  header.ack = (flags & TCPHDR_ACK) !== 0 ? tcb.rcvNxt : 0;
  header.flags = textLen > mss ? flags | TCPHDR_PSH : flags; // a super-segment is not to wait for more
  header.window = syn ? Math.min(tcb.rcvWnd, 65_535) : selectWindow(tcb);
  const skb = allocSkb(TCP_MIN_HLEN + 40 + textLen);
  skb.sk = tcb.socket ?? (syn ? tcb.listener : null);
  const at = writeHeader(skb, tcb.flow, textLen);
  if (textLen > 0) tcb.tx.read((seq - tcb.txBase) | 0, skb.buf, at, textLen);
  if (textLen > mss) {
    skb.gsoSize = mss;
    skb.gsoSegs = Math.ceil(textLen / mss);
  }
  const segments = Math.max(1, skb.gsoSegs);
  tcb.segsOut += segments;
  if (!again) tcb.layer.mib.OutSegs += segments;
  if (textLen > 0) {
    tcb.dataSegsOut += segments;
    tcb.bytesSent += textLen;
  }
  if ((flags & TCPHDR_ACK) !== 0) noteAckSent(tcb);
  return finish(skb, tcb.flow);
}

/** The sequence number that a segment without text carries. `tcp_acceptable_seq()` */
function acceptableSeq(tcb: Tcb): number {
  const wndEnd = (tcb.sndUna + tcb.sndWnd) | 0;
  return ((wndEnd - tcb.sndNxt) | 0) >= 0 ? tcb.sndNxt : wndEnd;
}

/** Acknowledges now. `tcp_send_ack()` */
export function sendAck(tcb: Tcb): void {
  if (tcb.state === 'CLOSED') return;
  transmit(tcb, acceptableSeq(tcb), 0, TCPHDR_ACK);
}

/** Sends or repeats the SYN. */
export function sendSyn(tcb: Tcb): void {
  const again = tcb.retransmits > 0;
  if (again) countSynAgain(tcb);
  transmit(tcb, tcb.iss, 0, TCPHDR_SYN, 0, again);
}

function countSynAgain(tcb: Tcb): void {
  tcb.layer.mib.RetransSegs++;
  tcb.layer.ext.TCPSynRetrans++;
}

/** Sends the SYN-ACK. */
export function sendSynAck(tcb: Tcb): void {
  tcb.synAckFirst = tcb.tsClock;
  tcb.synAckLast = tcb.synAckFirst;
  transmit(tcb, tcb.iss, 0, TCPHDR_SYN | TCPHDR_ACK);
}

/** Repeats it. @returns whether it got out: else nothing counts. `tcp_rtx_synack()` */
export function repeatSynAck(tcb: Tcb): boolean {
  tcb.synAckLast = tcb.tsClock;
  if (!transmit(tcb, tcb.iss, 0, TCPHDR_SYN | TCPHDR_ACK)) return false;
  countSynAgain(tcb);
  tcb.synTime = -1;
  tcb.totalRetrans++;
  return true;
}

/** Aborts towards the peer. `tcp_send_active_reset()` */
export function sendActiveReset(tcb: Tcb): void {
  tcb.layer.mib.OutRsts++;
  transmit(tcb, acceptableSeq(tcb), 0, TCPHDR_RST | TCPHDR_ACK);
}

/** A segment that asks for an acknowledgement: old by one byte, and empty. `tcp_xmit_probe_skb()` */
export function sendProbe(tcb: Tcb): void {
  transmit(tcb, (tcb.sndUna - 1) | 0, 0, TCPHDR_ACK);
}

/** Sends the i-th segment in flight again. `__tcp_retransmit_skb()` */
export function retransmit(tcb: Tcb, i: number): void {
  const { rtx } = tcb;
  const seq = rtx.seq(i);
  let end = rtx.end(i);
  let fin = (rtx.flags(i) & HAS_FIN) !== 0;
  const most = tcb.mss - sackOptionLength(tcb);
  if (((end - seq) | 0) - (fin ? 1 : 0) > most) {
    rtx.split(i, (seq + most) | 0);
    end = rtx.end(i);
    fin = false;
  }
  const textLen = ((end - seq) | 0) - (fin ? 1 : 0);
  const last = end === tcb.sendEnd;
  tcb.undoRetrans = Math.max(tcb.undoRetrans, 0) + 1;
  if (inReduction(tcb)) tcb.prrOut++;
  rtx.resent(i, tcb.now);
  tcb.totalRetrans++;
  tcb.bytesRetrans += textLen;
  tcb.layer.mib.RetransSegs++;
  if (tcb.retransStamp === 0) tcb.retransStamp = tcb.now;
  let flags = TCPHDR_ACK;
  if (fin) flags |= TCPHDR_FIN;
  if (last && textLen > 0) flags |= TCPHDR_PSH;
  transmit(tcb, seq, textLen, flags, textLen, true);
}

/** Takes over a path MTU. @returns the MSS, in bytes of text. `tcp_sync_mss()` */
export function syncMss(tcb: Tcb, pmtu: number): number {
  const { tcp_min_snd_mss } = tcb.layer.conf;
  const tsLen = tcb.tsOk ? TS_OPTION_LEN : 0;
  const { flow } = tcb;
  let mss = Math.min(pmtu - flow.inet.headerLength - TCP_MIN_HLEN, tcb.mssClamp);
  mss = Math.max(mss - flow.inet.optionsLength(flow), tcp_min_snd_mss) - tsLen;
  const half = tcb.maxWindow > 536 ? tcb.maxWindow >> 1 : tcb.maxWindow;
  if (half > 0 && mss > half) mss = Math.max(half, 68 - TCP_MIN_HLEN - tsLen);
  tcb.pmtu = pmtu;
  tcb.mss = mss;
  return mss;
}

/** Notes that new text has gone out: what pauses and answers depend on. `tcp_event_data_sent()` */
export function noteDataSent(tcb: Tcb): void {
  if (tcb.now - tcb.lastRcvTime < tcb.atoUs * 1000) tcb.pingpong = true;
  tcb.lastSendTime = tcb.now;
}

/** After a pause longer than the RTO starts anew with a small window. RFC 9293, RFC 5681 section 4.1; `tcp_cwnd_restart()` */
export function restartAfterIdle(tcb: Tcb): void {
  const idle = tcb.now - tcb.lastSendTime;
  if (tcb.rtx.count > 0 || tcb.lastSendTime === 0) return;
  tcb.congestion.onIdle(idle);
  if (tcb.layer.conf.tcp_slow_start_after_idle === 0 || idle <= tcb.rtoUs * 1000) return;
  const restart = Math.min(INIT_CWND, tcb.cwnd);
  tcb.ssthresh = Math.max(tcb.ssthresh, (tcb.cwnd >> 1) + (tcb.cwnd >> 2));
  let cwnd = tcb.cwnd;
  for (let left = idle - tcb.rtoUs * 1000; left > 0 && cwnd > restart; left -= tcb.rtoUs * 1000)
    cwnd >>= 1;
  tcb.cwnd = Math.max(cwnd, restart);
  tcb.cwndStamp = tcb.now;
  tcb.cwndUsed = 0;
}
