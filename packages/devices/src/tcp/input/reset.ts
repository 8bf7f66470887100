import { KernelError } from '@labwire/core/error';
import type { SkBuff } from '@labwire/core/skb';
import { TCPHDR_ACK, TCPHDR_RST } from '@labwire/core/wire';
import type { NetDevice } from '../../link/net-device.ts';
import { Flow, type TcpInet } from '../flow.ts';
import { sendBare } from '../output/output.ts';
import type { TcpLayer } from '../tcp-layer.ts';
import type { Segment } from './segment.ts';

/**
 * Answers a segment with a reset: RFC 9293 section 3.5.2, groups 1 and 2. Never one that is a reset itself
 * or was not sent to one host. `tcp_v4_send_reset()`
 * @param owned a socket got the segment: then the answer counts though there is no address that it could be sent from
 */
export function replyReset(
  layer: TcpLayer,
  inet: TcpInet,
  skb: SkBuff,
  seg: Segment,
  owned: boolean = false,
): void {
  if (seg.has(TCPHDR_RST)) return;
  if (!inet.unicast(skb)) {
    if (owned) countUnsent(layer, inet);
    return;
  }
  const flow = new Flow(inet, inet.daddrOf(skb), inet.saddrOf(skb), seg.dport, seg.sport);
  flow.scopeId = layer.scopeOf(skb, flow.daddr);
  flow.boundDev = (skb.dev as NetDevice).l3Master;
  flow.tos = inet.replyTos(skb);
  if (!inet.echoOptions(flow, skb) || !routeQuietly(flow, true)) {
    countUnsent(layer, inet);
    return;
  }
  if (seg.has(TCPHDR_ACK)) sendBare(layer.mib, flow, TCPHDR_RST, seg.ack, 0, 0);
  else sendBare(layer.mib, flow, TCPHDR_RST | TCPHDR_ACK, 0, seg.end, 0);
}

/** IPv4 counts what it could not send, too. */
function countUnsent({ mib }: TcpLayer, inet: TcpInet): void {
  if (inet.family !== 'inet') return;
  mib.OutSegs++;
  mib.OutRsts++;
}

/** Finds the route of an answer. @returns false if there is none: the answer is not sent */
export function routeQuietly(flow: Flow, bare: boolean = false): boolean {
  try {
    flow.inet.route(flow, bare);
    return true;
  } catch (e) {
    if (e instanceof KernelError) return false;
    throw e;
  }
}
