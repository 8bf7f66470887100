import { get16, get32, put16, put32 } from '@labwire/core/bytes';
import { PACKET_HOST, type SkBuff } from '@labwire/core/skb';
import type { Neigh } from '../../neigh/index.ts';
import type { Bridge } from '../bridge.ts';
import type { BridgePort } from '../port.ts';
import { BridgedDnat } from './bridged-frame.ts';

/** A frame whose packet is now for somewhere else goes up to the bridge's own machine. */
export function sendUp(bridge: Bridge, skb: SkBuff): void {
  const { buf, mac } = skb;
  put16(buf, mac, bridge.addrHi);
  put32(buf, mac + 2, bridge.addrLo);
  skb.pktType = PACKET_HOST;
}

/**
 * A frame whose packet is now for a host behind the same bridge gets that host's address. If that is not known, or
 * old, the frame goes the way of what this machine sends itself, and comes back by {@link restoreBridged}.
 * `br_nf_pre_routing_finish_bridge()`
 * @returns whether the bridge goes on with it
 */
export function sendToNeigh(port: BridgePort, skb: SkBuff, neigh: Neigh | null): boolean {
  const { bridge } = port;
  const { buf, mac } = skb;
  if (neigh === null) {
    bridge.drop(skb, 'neigh_createfail');
    return false;
  }
  if (neigh.nud === 'reachable' || neigh.nud === 'permanent' || neigh.nud === 'noarp') {
    put16(buf, mac, Math.floor(neigh.lladdr / 0x1_0000_0000));
    put32(buf, mac + 2, neigh.lladdr | 0);
    return true;
  }
  skb.nfBridge = new BridgedDnat(port, get16(buf, mac + 6), get32(buf, mac + 8));
  skb.dev = bridge;
  neigh.output(skb);
  return false;
}

/**
 * A frame that {@link sendToNeigh} sent out of the bridge device, its Ethernet header pulled: is again as it came in.
 * `br_nf_pre_routing_finish_bridge_slow()`
 */
export function restoreBridged(skb: SkBuff, frame: BridgedDnat): void {
  put16(skb.buf, skb.mac + 6, frame.srcHi);
  put32(skb.buf, skb.mac + 8, frame.srcLo);
  skb.nfBridge = frame.port.bridgedFrame;
  skb.dev = frame.port.dev;
}
