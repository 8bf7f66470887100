import { get16 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import type { NetDevice } from '../../../link/index.ts';
import type { IfaceMatch } from '../../../netfilter/xt/index.ts';
import type { EbtFrame } from '../frame.ts';
import type { Is } from '../match.ts';
import type { EbtRule } from '../rule.ts';
import { macIs } from './values.ts';

const ETH_P_8021Q = 0x8100;
/** Types from here on are types; below they are lengths. */
const ETH_P_802_3_MIN = 0x600;

/** The frame's EtherType, that of its VLAN tag if it has one. */
export function etherTypeOf(skb: SkBuff): number {
  return skb.vlanTci >= 0 ? ETH_P_8021Q : get16(skb.buf, skb.mac + 12);
}

function deviceIs(m: IfaceMatch | undefined, dev: NetDevice | null): boolean {
  if (m === undefined) return true;
  const name = dev === null ? '' : dev.name;
  return (m.wildcard ? name.startsWith(m.name) : name === m.name) !== m.invert;
}

function protoIs(m: Is<number> | undefined, skb: SkBuff): boolean {
  if (m === undefined) return true;
  const type = etherTypeOf(skb);
  return (m.value === 0 ? type < ETH_P_802_3_MIN : type === m.value) !== m.invert;
}

function bridgeOf(dev: NetDevice | null): NetDevice | null {
  return dev === null ? null : (dev.master ?? dev);
}

/** Whether a frame's ports and Ethernet header are what a rule asks for. Linux net/bridge/netfilter/ebtables.c, ebt_basic_match() */
export function basicHolds(r: EbtRule, { skb, indev, outdev }: EbtFrame): boolean {
  return (
    protoIs(r.proto, skb) &&
    deviceIs(r.iif, indev) &&
    deviceIs(r.oif, outdev) &&
    deviceIs(r.logicalIn, bridgeOf(indev)) &&
    deviceIs(r.logicalOut, bridgeOf(outdev)) &&
    macIs(r.src, skb.buf, skb.mac + 6) &&
    macIs(r.dst, skb.buf, skb.mac)
  );
}
