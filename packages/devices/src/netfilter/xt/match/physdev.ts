import type { NetDevice } from '../../../link/net-device.ts';
import type { IfaceMatch, PhysdevMatch } from '../match.ts';
import type { Matcher } from '../packet.ts';

/** What bridge netfilter notes of a packet that a bridge carries: `skb.nfBridge`. Linux `struct nf_bridge_info`. */
export interface NfBridgeInfo {
  /** The port that it came in by. */
  physin: NetDevice | null;
  /** The port that it leaves by, once that is known. */
  physout: NetDevice | null;
}

function portIs(dev: NetDevice | null, m: IfaceMatch): boolean {
  const name = dev?.name ?? '';
  return (m.wildcard ? name.startsWith(m.name) : name === m.name) !== m.invert;
}

/** `physdev_mt()` */
export function physdevMatcher(m: PhysdevMatch): Matcher {
  const { physin, physout, isIn, isOut, isBridged } = m;
  return ({ skb }) => {
    const info = skb.nfBridge as NfBridgeInfo | null;
    const inPort = info?.physin ?? null;
    const outPort = info?.physout ?? null;
    if (isBridged !== undefined && (inPort !== null && outPort !== null) === isBridged.invert)
      return false;
    if (isIn !== undefined && (inPort !== null) === isIn.invert) return false;
    if (isOut !== undefined && (outPort !== null) === isOut.invert) return false;
    if (physin !== undefined && !portIs(inPort, physin)) return false;
    return physout === undefined || portIs(outPort, physout);
  };
}
