import type { DropReason, SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';
import { newCongestionControl } from '../congestion/index.ts';
import { Flow, type TcpInet } from '../flow.ts';
import { done } from '../lifecycle.ts';
import { armRtx } from '../loss/rtx-timer.ts';
import { sendSynAck } from '../output/output.ts';
import type { TcpSocket } from '../socket.ts';
import { RTO_INIT_US, Tcb } from '../tcb.ts';
import { establish, offerOptions, offerWindow, startSequence, takeSyn } from './handshake.ts';
import { replyReset, routeQuietly } from './reset.ts';
import type { Segment } from './segment.ts';

/*
 * Passive open. A SYN makes a connection in SYN-RECEIVED that waits in the listener's SYN queue; the third
 * segment of the handshake moves it to the accept queue, from where accept() takes it. Where Linux keeps a
 * small request until then (`struct request_sock`), here it is a Tcb from the start.
 * @deviation No SYN cookies: a full SYN queue drops, as with tcp_syncookies=0.
 */

/** A segment arrives for a listener. RFC 9293 section 3.10.7.2; `tcp_v4_conn_request()` */
export function listenArrives(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
): DropReason | undefined {
  if (seg.has(TCPHDR_RST)) return 'tcp_reset';
  if (seg.has(TCPHDR_ACK)) {
    replyReset(listener.layer, inet, skb, seg);
    return 'tcp_flags';
  }
  if (!seg.has(TCPHDR_SYN) || seg.has(TCPHDR_FIN)) return 'tcp_flags';
  if (!inet.unicast(skb)) return 'tcp_flags';
  if (listener.acceptQueueFull || listener.synQueueFull) return 'tcp_listen_overflow';
  return newConnection(listener, inet, skb, seg);
}

function newConnection(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
): DropReason | undefined {
  const { layer } = listener;
  const flow = new Flow(inet, inet.daddrOf(skb), inet.saddrOf(skb), seg.dport, seg.sport);
  listener.describeFlow(flow);
  if (flow.scopeId === 0) flow.scopeId = layer.scopeOf(skb, flow.daddr);
  if (!routeQuietly(flow)) return 'ip_outnoroutes';
  const options = listener.options.clone();
  const name = options.congestion ?? layer.conf.tcp_congestion_control;
  const tcb = new Tcb(layer, flow, options, newCongestionControl(name));
  tcb.rcvBuf = listener.rcvBuf;
  tcb.sndBuf = listener.sndBuf;
  tcb.reuseAddr = listener.reuseAddr;
  tcb.reusePort = listener.reusePort;
  tcb.mapped = listener.family === 'inet6' && inet.family === 'inet';
  tcb.listener = listener;
  startSequence(tcb);
  offerOptions(tcb);
  takeSyn(tcb, seg);
  offerWindow(tcb);
  tcb.segsIn = 1;
  tcb.setState('SYN-RECEIVED', 'SYN');
  layer.hash(tcb);
  listener.addSyn(tcb);
  tcb.synTime = tcb.now;
  sendSynAck(tcb);
  armRtx(tcb, RTO_INIT_US);
  return undefined;
}

/**
 * The peer has acknowledged our SYN: hands the connection to whoever waits for it.
 * @returns why the segment is dropped, if the listener cannot take it; it may be repeated. `tcp_check_req()`
 */
export function handshakeDone(tcb: Tcb, skb: SkBuff, seg: Segment): DropReason | undefined {
  const { listener } = tcb;
  if (listener?.acceptQueueFull === true) {
    if (tcb.layer.conf.tcp_abort_on_overflow !== 0) {
      replyReset(tcb.layer, tcb.flow.inet, skb, seg);
      done(tcb, 'listen overflow');
    }
    return 'tcp_listen_overflow';
  }
  tcb.sndWnd = seg.window << tcb.sndWscale;
  tcb.sndWl1 = seg.seq;
  tcb.maxWindow = Math.max(tcb.maxWindow, tcb.sndWnd);
  establish(tcb, seg);
  if (listener === null) tcb.socket?.onConnected();
  else {
    tcb.segsOut = 0; // Linux counts from here: a request sent the SYN-ACK
    listener.synToAccept(tcb);
  }
  return undefined;
}
