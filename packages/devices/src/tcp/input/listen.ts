import type { DropReason, SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_FIN, TCPHDR_RST, TCPHDR_SYN } from '@labwire/core/wire';
import type { NetDevice } from '../../link/net-device.ts';
import { newCongestionControl } from '../congestion/index.ts';
import { Flow, type TcpInet } from '../flow.ts';
import { done } from '../lifecycle.ts';
import { armRtx } from '../loss/rtx-timer.ts';
import { sendSynAck } from '../output/output.ts';
import type { TcpSocket } from '../socket.ts';
import { RTO_INIT_US, Tcb } from '../tcb.ts';
import {
  establish,
  offerOptions,
  offerWindow,
  startSequence,
  takeOffer,
  takeSyn,
} from './handshake.ts';
import { replyReset, routeQuietly } from './reset.ts';
import type { Segment } from './segment.ts';
import { readCookie, type SynCookie, sendCookie, tellOfFlood } from './syn-cookie.ts';

/*
 * Passive open. A SYN makes a connection in SYN-RECEIVED that waits in the listener's SYN queue; the third
 * segment of the handshake moves it to the accept queue, from where accept() takes it. Where Linux keeps a
 * small request until then (`struct request_sock`), here it is a Tcb from the start. Where the SYN queue is full,
 * the SYN-ACK carries a cookie (syn-cookie.ts) and its Tcb is forgotten.
 */

/**
 * A segment arrives for a listener. RFC 9293 section 3.10.7.2; `tcp_v4_do_rcv()`
 * @returns why it was dropped; the connection that a cookie has brought back, to which the segment is to go on
 */
export function listenArrives(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
): DropReason | Tcb | undefined {
  if (seg.has(TCPHDR_RST)) return 'tcp_reset';
  if (seg.has(TCPHDR_ACK)) {
    const cookie = seg.has(TCPHDR_SYN) ? undefined : readCookie(listener, inet, skb, seg);
    if (cookie !== undefined) return fromCookie(listener, inet, skb, seg, cookie);
    replyReset(listener.layer, inet, skb, seg, true);
    return 'tcp_flags';
  }
  if (!seg.has(TCPHDR_SYN) || seg.has(TCPHDR_FIN)) return 'tcp_flags';
  if (!inet.unicast(skb)) {
    listener.layer.ext.ListenDrops++;
    return 'tcp_flags';
  }
  return takeRequest(listener, inet, skb, seg);
}

/** `tcp_conn_request()` */
function takeRequest(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
): DropReason | undefined {
  const { layer } = listener;
  const { tcp_syncookies, tcp_max_syn_backlog } = layer.conf;
  const wantCookie = tcp_syncookies === 2 || listener.synQueueFull;
  if (wantCookie) {
    tellOfFlood(listener, inet);
    if (tcp_syncookies === 0) return listenDrop(listener);
  }
  if (listener.acceptQueueFull) return overflow(listener);
  const left = tcp_max_syn_backlog - listener.synCount;
  if (tcp_syncookies === 0 && left < tcp_max_syn_backlog >> 2) return listenDrop(listener);
  const tcb = newRequest(listener, inet, skb, seg);
  if (tcb === undefined) {
    layer.ext.ListenDrops++;
    return 'ip_outnoroutes';
  }
  offerOptions(tcb);
  if (wantCookie) {
    sendCookie(listener, tcb, seg);
    return undefined;
  }
  startSequence(tcb);
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

/** `tcp_listendrop()` */
function listenDrop(listener: TcpSocket): DropReason {
  listener.layer.ext.ListenDrops++;
  return 'tcp_listen_overflow';
}

function overflow(listener: TcpSocket): DropReason {
  listener.layer.ext.ListenOverflows++;
  return listenDrop(listener);
}

/** The acknowledgement of a cookie opens the connection that nobody remembered. `cookie_v4_check()`, `tcp_get_cookie_sock()` */
function fromCookie(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
  cookie: SynCookie,
): DropReason | Tcb {
  const tcb = newRequest(listener, inet, skb, seg);
  if (tcb === undefined) return 'ip_outnoroutes';
  if (listener.acceptQueueFull) return overflow(listener);
  tcb.tsOffset = cookie.tsOffset;
  offerOptions(tcb);
  startSequence(tcb, (seg.ack - 1) | 0);
  takeOffer(tcb, (seg.seq - 1) | 0, seg.window, cookie.options);
  offerWindow(tcb);
  tcb.synAckFirst = seg.options.tsEcr | 0;
  tcb.synAckLast = tcb.synAckFirst;
  tcb.setState('SYN-RECEIVED', 'cookie');
  listener.layer.hash(tcb);
  listener.addSyn(tcb);
  return tcb;
}

/** A connection with what it has of its listener; undefined where no route leads back. */
function newRequest(
  listener: TcpSocket,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
): Tcb | undefined {
  const { layer } = listener;
  const flow = new Flow(inet, inet.daddrOf(skb), inet.saddrOf(skb), seg.dport, seg.sport);
  listener.describeFlow(flow);
  // the connection belongs to the layer 3 domain that it came from: inet_request_bound_dev_if()
  flow.boundDev ??= (skb.dev as NetDevice).l3Master;
  if (flow.scopeId === 0) flow.scopeId = layer.scopeOf(skb, flow.daddr);
  inet.echoOptions(flow, skb);
  if (!routeQuietly(flow)) return undefined;
  const options = listener.options.clone();
  const name = options.congestion ?? layer.conf.tcp_congestion_control;
  const tcb = new Tcb(layer, flow, options, newCongestionControl(name));
  tcb.rcvBuf = listener.rcvBuf;
  tcb.sndBuf = listener.sndBuf;
  tcb.reuseAddr = listener.reuseAddr;
  tcb.reusePort = listener.reusePort;
  tcb.mapped = listener.family === 'inet6' && inet.family === 'inet';
  tcb.listener = listener;
  return tcb;
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
      tcb.layer.ext.EmbryonicRsts++;
      done(tcb, 'listen overflow');
    }
    return overflow(listener);
  }
  tcb.sndWnd = seg.window << tcb.sndWscale;
  tcb.sndWl1 = seg.seq;
  tcb.maxWindow = Math.max(tcb.maxWindow, tcb.sndWnd);
  establish(tcb, seg);
  if (listener === null) tcb.socket?.onConnected();
  else {
    tcb.layer.mib.PassiveOpens++;
    tcb.segsOut = 0; // Linux counts from here: a request sent the SYN-ACK
    tcb.oowAckTime = -1; // and what that answered is no matter of the connection's
    listener.synToAccept(tcb);
  }
  return undefined;
}
