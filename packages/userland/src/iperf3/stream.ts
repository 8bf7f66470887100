import { get32, getU32, put32 } from '@labwire/core/bytes';
import { KernelError } from '@labwire/core/error';
import { POLLIN, POLLOUT } from '@labwire/core/sim';
import type { Socket } from '@labwire/devices/sock';
import { closeSocket, descriptorOf, type StreamSocket } from '../libc-net/index.ts';
import { IperfError } from './errors.ts';
import type { Session } from './session.ts';

/** What one interval brought. Source: iperf.h, struct iperf_interval_results */
export interface Interval {
  readonly bytes: number;
  /** Microseconds. */
  readonly start: number;
  readonly end: number;
  /** Seconds, as a float holds them. */
  readonly duration: number;
  readonly omitted: boolean;
  readonly retrans: number;
  readonly cwnd: number;
  readonly wnd: number;
  readonly rtt: number;
  readonly rttvar: number;
  readonly pmtu: number;
  readonly packets: number;
  readonly lost: number;
  readonly outOfOrder: number;
  /** All so far, of which the next interval takes the difference. */
  readonly packetCount: number;
  readonly cntError: number;
  readonly outOfOrderCount: number;
  /** Seconds. */
  readonly jitter: number;
}

/** What TCP_INFO tells, in its units. */
interface TcpInfo {
  readonly retrans: number;
  readonly cwnd: number;
  readonly wnd: number;
  readonly rtt: number;
  readonly rttvar: number;
  readonly pmtu: number;
}

const NO_INFO: TcpInfo = { retrans: 0, cwnd: 0, wnd: 0, rtt: 0, rttvar: 0, pmtu: 0 };

function tcpInfo(sock: Socket): TcpInfo {
  const tcb = (sock as StreamSocket).tcb;
  if (tcb === null) return NO_INFO;
  return {
    retrans: tcb.totalRetrans,
    cwnd: tcb.cwnd * tcb.mss,
    wnd: tcb.sndWnd,
    rtt: tcb.srtt >> 3,
    rttvar: tcb.mdev >> 2,
    pmtu: tcb.pmtu,
  };
}

/** One of the connections that carry a test's data. Source: iperf_tcp.c, iperf_udp.c, struct iperf_stream */
export class Stream {
  readonly #session: Session;
  readonly sock: Socket;
  readonly sender: boolean;
  /** Its descriptor, by which reports name it. */
  readonly fd: number;
  /** Its number among the streams of its side, by which both sides name it. */
  readonly id: number;
  readonly intervals: Interval[] = [];
  readonly #buffer: Uint8Array;
  #pending = 0;
  #ended = false;
  /** It may send. */
  greenLight = true;

  // Microseconds.
  startTime = 0;
  startTimeFixed = 0;
  endTime = 0;
  // Seconds.
  senderTime = 0;
  receiverTime = 0;

  bytesSent = 0;
  bytesSentOmit = 0;
  bytesReceived = 0;
  #sentThis = 0;
  #receivedThis = 0;

  retrans = 0;
  #prevRetrans = 0;
  maxCwnd = 0;
  maxWnd = 0;
  maxRtt = 0;
  minRtt = 0;
  sumRtt = 0;
  countRtt = 0;

  packetCount = 0;
  peerPacketCount = 0;
  cntError = 0;
  outOfOrder = 0;
  omittedPackets = 0;
  omittedErrors = 0;
  omittedOutOfOrder = 0;
  jitter = 0;
  #prevTransit = 0;

  constructor(session: Session, sock: Socket, sender: boolean, id: number, buffer: Uint8Array) {
    this.#session = session;
    this.sock = sock;
    this.sender = sender;
    this.id = id;
    this.#buffer = buffer;
    this.fd = descriptorOf(session.proc, sock);
  }

  /** What poll is to look for. */
  get events(): number {
    if (this.sender) return this.greenLight ? POLLOUT : 0;
    return this.#ended ? 0 : POLLIN;
  }

  /** Whether it could do something now. */
  get ready(): boolean {
    return (this.sock.poll() & this.events) !== 0;
  }

  /** Sends a block, or what is left of one. @returns bytes taken. @throws IperfError */
  send(): number {
    return this.#session.o.protocol === 'TCP' ? this.#sendTcp() : this.#sendUdp();
  }

  #sendTcp(): number {
    if (this.#pending === 0) this.#pending = this.#buffer.length;
    let taken = 0;
    while (taken < this.#pending) {
      const n = this.#write(this.#buffer.subarray(taken, this.#pending));
      if (n === undefined) break;
      taken += n;
    }
    this.#pending -= taken;
    this.#countSent(taken);
    return taken;
  }

  /** Whether a block has been sent only in part. */
  get inBlock(): boolean {
    return this.#pending > 0;
  }

  #write(data: Uint8Array): number | undefined {
    try {
      return this.sock.send(data);
    } catch (e) {
      if (e instanceof KernelError) throw new IperfError(205, e);
      throw e;
    }
  }

  #sendUdp(): number {
    const now = this.#session.micros();
    this.packetCount++;
    const buf = this.#buffer;
    put32(buf, 0, Math.floor(now / 1e6));
    put32(buf, 4, now % 1e6);
    if (this.#session.o.counters64) {
      put32(buf, 8, Math.floor(this.packetCount / 2 ** 32));
      put32(buf, 12, this.packetCount | 0);
    } else put32(buf, 8, this.packetCount | 0);
    const n = this.#write(buf) ?? 0;
    this.#countSent(n);
    return n;
  }

  #countSent(n: number): void {
    this.bytesSent += n;
    this.#sentThis += n;
  }

  /** Takes in a block, or what there is. @returns its bytes. @throws IperfError */
  receive(): number {
    const most = this.#session.o.blksize;
    let n = 0;
    while (n < most) {
      const got = this.#read(most - n);
      if (got === undefined) break;
      if (got.length === 0 && this.#session.o.protocol === 'TCP') {
        this.#ended = true;
        break;
      }
      n += got.length;
      if (this.#session.o.protocol === 'TCP') continue;
      this.#takeDatagram(got);
      break;
    }
    if (this.#session.running) {
      this.bytesReceived += n;
      this.#receivedThis += n;
    }
    return n;
  }

  #read(max: number): Uint8Array | undefined {
    try {
      return this.sock.recv(max)?.data;
    } catch (e) {
      if (e instanceof KernelError) throw new IperfError(206, e);
      throw e;
    }
  }

  /** Loss by gaps in the numbers; jitter as RFC 1889 has it. iperf_udp_recv() */
  #takeDatagram(data: Uint8Array): void {
    if (!this.#session.running || data.length < 16) return;
    const first = this.bytesReceived === 0;
    const sent = getU32(data, 0) + getU32(data, 4) / 1e6;
    const number = this.#session.o.counters64
      ? getU32(data, 8) * 2 ** 32 + getU32(data, 12)
      : get32(data, 8) >>> 0;
    if (number > this.packetCount) {
      this.cntError += number - 1 - this.packetCount;
      this.packetCount = number;
    } else {
      this.outOfOrder++;
      if (this.cntError > 0) this.cntError--;
    }
    const transit = Math.abs(this.#session.micros() / 1e6 - sent);
    if (first) this.#prevTransit = transit;
    const d = Math.abs(transit - this.#prevTransit);
    this.#prevTransit = transit;
    this.jitter += (d - this.jitter) / 16;
  }

  /** Looks whether it has kept below the rate that was asked for. iperf_check_throttle() */
  checkThrottle(): void {
    const { o, done } = this.#session;
    if (done || o.rate === 0) return;
    const seconds = (this.#session.micros() - this.startTimeFixed) / 1e6;
    this.greenLight = (this.bytesSent * 8) / seconds < o.rate;
  }

  /** Ends an interval. iperf_stats_callback() @returns bytes that went either way in it */
  closeInterval(omitted: boolean): number {
    const last = this.intervals.at(-1);
    const start = last === undefined ? this.startTime : this.endTime;
    this.endTime = this.#session.micros();
    const tcp = this.#session.o.protocol === 'TCP';
    const info = tcp && this.#session.senderHasRetransmits === 1 ? this.#takeInfo() : NO_INFO;
    this.intervals.push({
      bytes: this.sender ? this.#sentThis : this.#receivedThis,
      start,
      end: this.endTime,
      duration: Math.fround((this.endTime - start) / 1e6),
      omitted,
      ...info,
      packets: this.packetCount - (last?.packetCount ?? 0),
      lost: this.cntError - (last?.cntError ?? 0),
      outOfOrder: this.outOfOrder - (last?.outOfOrderCount ?? 0),
      packetCount: this.packetCount,
      cntError: this.cntError,
      outOfOrderCount: this.outOfOrder,
      jitter: this.jitter,
    });
    const moved = this.#sentThis + this.#receivedThis;
    this.#sentThis = 0;
    this.#receivedThis = 0;
    return moved;
  }

  #takeInfo(): TcpInfo {
    const info = tcpInfo(this.sock);
    const retrans = info.retrans - this.#prevRetrans;
    this.retrans += retrans;
    this.#prevRetrans = info.retrans;
    this.maxCwnd = Math.max(this.maxCwnd, info.cwnd);
    this.maxWnd = Math.max(this.maxWnd, info.wnd);
    this.maxRtt = Math.max(this.maxRtt, info.rtt);
    if (this.minRtt === 0 || info.rtt < this.minRtt) this.minRtt = info.rtt;
    this.sumRtt += info.rtt;
    this.countRtt++;
    return { ...info, retrans };
  }

  /** The time that does not count is over. iperf_reset_stats() */
  resetStats(now: number): void {
    this.omittedPackets = this.packetCount;
    this.omittedErrors = this.cntError;
    this.omittedOutOfOrder = this.outOfOrder;
    this.jitter = 0;
    this.bytesSentOmit = this.bytesSent;
    this.bytesReceived = 0;
    this.#sentThis = 0;
    this.#receivedThis = 0;
    if (this.#session.senderHasRetransmits === 1) this.#prevRetrans = tcpInfo(this.sock).retrans;
    this.retrans = 0;
    this.startTime = now;
  }

  close(): void {
    closeSocket(this.#session.proc, this.sock);
  }
}
