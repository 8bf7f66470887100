import { get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_IP, ETH_P_IPV6, Ipv4Off, Ipv6Off } from '@labwire/core/wire';
import type { Bridge } from '../bridge.ts';
import { GroupKey } from './group-key.ts';
import type { MdbEntry } from './mdb.ts';
import { SNOOP_IGMP, SNOOP_MEMBERS_ONLY } from './snoop.ts';

/** The group of the frame that is looked at. */
const key = new GroupKey();

/** The entry of a multicast frame's group, one of its source first; null if there is none. `br_mdb_get()` */
export function mdbGet(
  { mcast }: Bridge,
  skb: SkBuff,
  vid: number,
  found: number,
): MdbEntry | null {
  const { buf, data, mac } = skb;
  const { mdb, igmpVersion, mldVersion } = mcast;
  if (!mcast.snooping || (found & SNOOP_IGMP) !== 0 || mdb.size === 0) return null;
  const type = get16(buf, mac + 12);
  if (type === ETH_P_IP) {
    key.setIpv4(get32(buf, data + Ipv4Off.daddr), vid);
    if (igmpVersion !== 3) return mdb.get(key);
    const entry = mdb.get(key.setSource(get32(buf, data + Ipv4Off.saddr), 0, 0, 0));
    return entry ?? mdb.get(key.setSource(0, 0, 0, 0));
  }
  if (type === ETH_P_IPV6) {
    setWords(buf, data + Ipv6Off.daddr, vid);
    if (mldVersion !== 2) return mdb.get(key);
    const at = data + Ipv6Off.saddr;
    key.setSource(get32(buf, at), get32(buf, at + 4), get32(buf, at + 8), get32(buf, at + 12));
    return mdb.get(key) ?? mdb.get(key.setSource(0, 0, 0, 0));
  }
  return mdb.get(key.setLink(get16(buf, mac), get32(buf, mac + 2), vid));
}

function setWords(buf: Uint8Array, at: number, vid: number): void {
  key.setLink(get32(buf, at), get32(buf, at + 4), vid);
  key.proto = ETH_P_IPV6;
  key.w2 = get32(buf, at + 8);
  key.w3 = get32(buf, at + 12);
}

/** Whether a frame goes to members and routers alone, since the bridge knows who they are. */
export function isKnown(
  { mcast }: Bridge,
  skb: SkBuff,
  entry: MdbEntry | null,
  found: number,
): boolean {
  if (entry === null && (found & SNOOP_MEMBERS_ONLY) === 0) return false;
  const type = get16(skb.buf, skb.mac + 12);
  if (type === ETH_P_IP) return mcast.querierExists(false);
  if (type === ETH_P_IPV6) return mcast.querierExists(true);
  return entry !== null;
}
