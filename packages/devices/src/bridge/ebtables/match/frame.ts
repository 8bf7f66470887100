import { get8, get16, get32 } from '@labwire/core/bytes';
import { ETH_P_IP } from '@labwire/core/wire';
import { macHi, macLo } from '../../../link/index.ts';
import { TokenBucket } from '../../../netfilter/xt/index.ts';
import type { EbtFrame, EbtMatcher } from '../frame.ts';
import type {
  Ebt8023,
  EbtAmong,
  EbtLimit,
  EbtMarkMatch,
  EbtPair,
  EbtPkttype,
  EbtVlan,
  Is,
} from '../match.ts';
import { is } from './values.ts';

const VLAN_VID_MASK = 0xfff;
const VLAN_PRIO_SHIFT = 13;
/** Bits of the control byte that unnumbered information has. */
const IS_UI = 0x03;
/** SAP of SNAP, behind which there is a type. */
const SAP_SNAP = 0xaa;

/** `ebt_vlan_mt()` */
export function vlanMatcher(m: EbtVlan): EbtMatcher {
  return ({ skb }) => {
    const { buf, data, tail, vlanTci } = skb;
    if (vlanTci < 0 && data + 4 > tail) return false;
    const tci = vlanTci >= 0 ? vlanTci : get16(buf, data);
    const encap = vlanTci >= 0 ? skb.protocol : get16(buf, data + 2);
    return (
      is(m.id, tci & VLAN_VID_MASK) && is(m.prio, tci >>> VLAN_PRIO_SHIFT) && is(m.encap, encap)
    );
  };
}

/** `ebt_802_3_mt()` */
export function llcMatcher(m: Ebt8023): EbtMatcher {
  return ({ skb: { buf, mac, tail } }) => {
    const llc = mac + 14;
    if (llc + 9 > tail) return false;
    const [dsap, ssap] = [get8(buf, llc), get8(buf, llc + 1)];
    if (!is(m.sap, ssap) || !is(m.sap, dsap)) return false;
    if (m.type === undefined) return true;
    if (dsap !== SAP_SNAP || ssap !== SAP_SNAP) return false;
    return is(m.type, get16(buf, llc + ((get8(buf, llc + 2) & IS_UI) !== 0 ? 6 : 7)));
  };
}

/** `ebt_pkttype_mt()` */
export function pkttypeMatcher(m: EbtPkttype): EbtMatcher {
  return ({ skb }) => is(m.type, skb.pktType);
}

/** `ebt_mark_mt()` */
export function markMatcher({ value, mask, any, invert }: EbtMarkMatch): EbtMatcher {
  if (any) return ({ skb }) => ((skb.mark & mask) !== 0) !== invert;
  return ({ skb }) => ((skb.mark & mask) >>> 0 === value) !== invert;
}

/** `nft_limit_pkts_eval()` */
export function limitMatcher(m: EbtLimit): EbtMatcher {
  const bucket = new TokenBucket(m.avg, m.burst);
  return ({ netns }) => bucket.take(netns.sim.now);
}

/** Lists of pairs are only asked for IPv4 if some pair has an address. */
export function amongMatcher(m: EbtAmong): EbtMatcher {
  const needsIp = [m.src, m.dst].some((l) => l?.value.some(([, ip]) => ip !== null));
  return (f) => {
    if (needsIp && f.skb.protocol !== ETH_P_IP) return false;
    return isAmong(m.src, f, 6, 12) && isAmong(m.dst, f, 0, 16);
  };
}

function isAmong(
  list: Is<readonly EbtPair[]> | undefined,
  { skb: { buf, mac, data } }: EbtFrame,
  macAt: number,
  ipAt: number,
): boolean {
  if (list === undefined) return true;
  const hi = get16(buf, mac + macAt);
  const lo = get32(buf, mac + macAt + 2);
  const ip = get32(buf, data + ipAt);
  for (let i = 0; i < list.value.length; i++) {
    const [addr, of] = list.value[i] as EbtPair;
    if (macHi(addr) === hi && macLo(addr) === lo && (of === null || of === ip)) return !list.invert;
  }
  return list.invert;
}
