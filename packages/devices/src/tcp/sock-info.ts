import type { SockAddr, SockInfo, SockState } from '../sock/index.ts';
import { toMapped } from '../sock/mapped.ts';
import type { Flow } from './flow.ts';
import type { TimeWait } from './input/timewait.ts';
import type { TcpSocket } from './socket.ts';
import { INFINITE_SSTHRESH, type Tcb, type TcpState } from './tcb.ts';

/*
 * What sock_diag(7) tells `ss`. Linux net/ipv4/tcp_diag.c and tcp_get_info().
 */

const SS_STATE: Readonly<Record<TcpState, SockState>> = {
  CLOSED: 'UNCONN',
  'SYN-SENT': 'SYN-SENT',
  'SYN-RECEIVED': 'SYN-RECV',
  ESTABLISHED: 'ESTAB',
  'FIN-WAIT-1': 'FIN-WAIT-1',
  'FIN-WAIT-2': 'FIN-WAIT-2',
  'CLOSE-WAIT': 'CLOSE-WAIT',
  CLOSING: 'CLOSING',
  'LAST-ACK': 'LAST-ACK',
  'TIME-WAIT': 'TIME-WAIT',
};

interface Ends {
  readonly local: SockAddr;
  readonly remote: SockAddr;
  readonly family: 'inet' | 'inet6';
  readonly device: string | undefined;
}

function ends(flow: Flow, mapped: boolean): Ends {
  const show = (addr: SockAddr['addr']) => (mapped ? toMapped(addr) : addr);
  return {
    local: { addr: show(flow.saddr), port: flow.sport },
    remote: { addr: show(flow.daddr), port: flow.dport },
    family: mapped ? 'inet6' : flow.inet.family,
    device: flow.boundDev?.name,
  };
}

/** A listening socket. */
export function describeListener(socket: TcpSocket): SockInfo {
  const local = socket.localAddr();
  return {
    netid: 'tcp',
    state: 'LISTEN',
    recvQ: socket.readyCount,
    sendQ: socket.backlog,
    local,
    remote: { addr: socket.layer.inet(socket.family).any, port: 0 },
    family: socket.family,
    v6only: socket.v6only,
    device: socket.boundDev?.name,
    ino: socket.ino,
    uid: socket.uid,
    socket,
    timer: undefined,
    tcpInfo: undefined,
  };
}

/** A connection. */
export function describeTcb(tcb: Tcb): SockInfo {
  const inRecv = tcb.state === 'SYN-RECEIVED';
  return {
    netid: 'tcp',
    state: SS_STATE[tcb.state],
    recvQ: inRecv || tcb.state === 'SYN-SENT' ? 0 : tcb.unreadBytes,
    sendQ: sendQueue(tcb),
    ...ends(tcb.flow, tcb.mapped),
    v6only: tcb.socket?.v6only ?? false,
    ino: tcb.socket?.ino ?? 0,
    uid: tcb.flow.uid,
    socket: inRecv ? undefined : (tcb.socket ?? undefined),
    timer: timerOf(tcb),
    tcpInfo: tcpInfo(tcb),
  };
}

/** SYN and FIN count as one each. `tcp_diag_get_info()` */
function sendQueue(tcb: Tcb): number {
  if (tcb.state === 'SYN-RECEIVED') return 0;
  const syn = tcb.state === 'SYN-SENT' ? 1 : 0;
  const fin = tcb.finQueued && tcb.sndUna !== tcb.sendEnd ? 1 : 0;
  return tcb.queuedBytes + syn + fin;
}

/** A connection in TIME-WAIT, or in FIN-WAIT-2 without a socket. */
export function describeTimeWait(tw: TimeWait): SockInfo {
  return {
    netid: 'tcp',
    state: tw.state,
    recvQ: 0,
    sendQ: 0,
    ...ends(tw.flow, tw.mapped),
    v6only: false,
    ino: 0,
    uid: 0,
    socket: undefined,
    timer: {
      kind: 'timewait',
      ms: Math.ceil((tw.timer.deadline - tw.layer.sim.now) / 1e6),
      retrans: 0,
    },
    tcpInfo: undefined,
  };
}

function timerOf(tcb: Tcb): SockInfo['timer'] {
  const ms = (deadline: number) => Math.max(0, Math.ceil((deadline - tcb.now) / 1e6));
  if (tcb.rtxTimer.armed) {
    const probing = tcb.rtxTimerUse === 'probe';
    const kind = probing ? 'persist' : 'on';
    return {
      kind,
      ms: ms(tcb.rtxTimer.deadline),
      retrans: probing ? tcb.probesOut : tcb.retransmits,
    };
  }
  if (!tcb.keepTimer.armed) return undefined;
  return { kind: 'keepalive', ms: ms(tcb.keepTimer.deadline), retrans: tcb.keepProbesOut };
}

/** Milliseconds with up to three digits behind the point, as `ss` prints a double: %g. */
function msText(us: number): number {
  return Number((us / 1000).toPrecision(6));
}

/** Bits per second of so many segments in a round trip, times `factor`. */
function rate(tcb: Tcb, segments: number, factor: number): number {
  return Math.floor((tcb.mss * segments * 8 * 1e6 * factor) / (tcb.srtt / 8));
}

/** What `tcp_update_pacing_rate()` would pace at: twice the rate in slow start, else 1.2 times. */
function pacingRate(tcb: Tcb): number {
  const factor = tcb.cwnd < tcb.ssthresh >> 1 ? 2 : 1.2;
  return rate(tcb, Math.max(tcb.cwnd, tcb.rtx.count), factor);
}

/** Fields by the names that `ss -i` prints, in its order; absent where `ss` leaves them out. */
function tcpInfo(tcb: Tcb): Readonly<Record<string, number | string>> {
  const sinceMs = (at: number) => Math.floor((tcb.now - at) / 1e6);
  const info: Record<string, number | string> = { congestion: tcb.congestion.name };
  const some = (name: string, value: number) => {
    if (value > 0) info[name] = value;
  };
  if (tcb.tsOk) info.ts = 1;
  if (tcb.sackOk) info.sack = 1;
  if (tcb.wscaleOk) info.wscale = `${tcb.sndWscale},${tcb.rcvWscale}`;
  info.rto = msText(tcb.rtoUs);
  some('backoff', tcb.backoff);
  if (tcb.srtt > 0) info.rtt = `${msText(tcb.srtt >> 3)}/${msText(tcb.mdev >> 2)}`;
  some('ato', msText(tcb.atoUs));
  info.mss = tcb.mss;
  some('pmtu', tcb.pmtu);
  some('rcvmss', tcb.rcvMss);
  some('advmss', tcb.advMss);
  info.cwnd = tcb.cwnd;
  if (tcb.ssthresh < INFINITE_SSTHRESH) info.ssthresh = tcb.ssthresh;
  some('bytes_sent', tcb.bytesSent);
  some('bytes_retrans', tcb.bytesRetrans);
  some('bytes_acked', tcb.bytesAcked);
  some('bytes_received', tcb.bytesReceived);
  some('segs_out', tcb.segsOut);
  some('segs_in', tcb.segsIn);
  some('data_segs_out', tcb.dataSegsOut);
  some('data_segs_in', tcb.dataSegsIn);
  if (tcb.srtt > 0) info.send = `${rate(tcb, tcb.cwnd, 1)}bps`;
  some('lastsnd', sinceMs(tcb.lastSendTime));
  some('lastrcv', sinceMs(tcb.lastRcvTime));
  some('lastack', sinceMs(tcb.lastHeard));
  if (tcb.srtt > 0) info.pacing_rate = `${pacingRate(tcb)}bps`;
  some('delivered', tcb.delivered);
  some('unacked', tcb.rtx.count);
  if (tcb.totalRetrans > 0) info.retrans = `${tcb.rtx.retransOut}/${tcb.totalRetrans}`;
  some('lost', tcb.rtx.lostOut);
  some('sacked', tcb.sackedOut);
  some('dsack_dups', tcb.dsackDups);
  if (tcb.reordering !== 3) info.reordering = tcb.reordering;
  some('rcv_rtt', msText(tcb.rcvRtt >> 3));
  some('rcv_space', tcb.rcvqSpace);
  some('rcv_ssthresh', tcb.rcvSsthresh);
  some('minrtt', msText(tcb.minRttUs));
  some('snd_wnd', tcb.sndWnd);
  return info;
}
