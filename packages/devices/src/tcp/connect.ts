import { KernelError } from '@labwire/core/error';
import { newCongestionControl } from './congestion/index.ts';
import type { Flow } from './flow.ts';
import { offerOptions, offerWindow, startSequence } from './input/handshake.ts';
import { armRtx } from './loss/rtx-timer.ts';
import { sendSyn } from './output/output.ts';
import type { TcpSocket } from './socket.ts';
import { RTO_INIT_US, Tcb } from './tcb.ts';

/**
 * Active open: finds route, source address and port, and sends the SYN. RFC 9293 section 3.10.1; `tcp_v4_connect()`
 * @throws KernelError ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, …
 */
export function connectTcb(socket: TcpSocket, flow: Flow): Tcb {
  const { layer, options } = socket;
  flow.inet.route(flow);
  flow.inet.checkConnect(flow);
  if (flow.sport === 0) layer.connectPort(flow);
  else if (!layer.flowIsFree(flow)) throw new KernelError('EADDRNOTAVAIL');
  const name = options.congestion ?? layer.conf.tcp_congestion_control;
  const tcb = new Tcb(layer, flow, options, newCongestionControl(name));
  tcb.socket = socket;
  tcb.rcvBuf = socket.rcvBuf;
  tcb.sndBuf = socket.sndBuf;
  tcb.reuseAddr = socket.reuseAddr;
  tcb.reusePort = socket.reusePort;
  tcb.mapped = socket.family === 'inet6' && flow.inet.family === 'inet';
  flow.ipId = layer.random.u32() & 0xffff;
  startSequence(tcb);
  offerOptions(tcb);
  offerWindow(tcb);
  tcb.setState('SYN-SENT', 'CONNECT');
  layer.hash(tcb);
  tcb.synTime = tcb.now;
  layer.mib.ActiveOpens++;
  sendSyn(tcb);
  armRtx(tcb, RTO_INIT_US);
  return tcb;
}
