/** What is known of a packet beside its bytes. Linux net/netfilter/nft_meta.c */
import { KernelError } from '@labwire/core/error';
import type { NetDevice } from '../../../link/net-device.ts';
import type { NftFamily, NftMeta } from '../data/index.ts';
import { NFPROTO_IPV4, NFPROTO_IPV6, type NftPacket } from '../eval/packet.ts';
import { BREAK, bytesLoader, type Loader, numberLoader, type ReadNumber } from './loader.ts';

const DAY_SECONDS = 86_400;

function index(dev: NetDevice | null): number {
  return dev === null ? 0 : dev.ifindex;
}

/** The bridge that a device is a port of. */
function masterName(dev: NetDevice | null): string | undefined {
  return dev?.master?.name;
}

/** Seconds since 1970 at which the packet is here. */
function wallSeconds(p: NftPacket): number {
  return p.netns.kernel.epoch + p.netns.sim.now / 1e9;
}

function socketOwner(p: NftPacket, of: 'uid' | 'gid'): number {
  const sk = p.skb.sk as { readonly uid?: number; readonly gid?: number } | null;
  return sk === null ? BREAK : (sk[of] ?? 0);
}

const NUMBERS: Readonly<Record<string, ReadNumber>> = {
  length: (p) => p.len,
  protocol: (p) => p.skb.protocol,
  nfproto: (p) => (p.nfproto === NFPROTO_IPV6 ? NFPROTO_IPV6 : p.nfproto),
  l4proto: (p) => (p.hasL4 ? p.proto : BREAK),
  priority: (p) => p.skb.priority,
  mark: (p) => p.skb.mark,
  iif: (p) => index(p.indev),
  oif: (p) => index(p.outdev),
  iiftype: (p) => p.indev?.arphrd ?? BREAK,
  oiftype: (p) => p.outdev?.arphrd ?? BREAK,
  skuid: (p) => socketOwner(p, 'uid'),
  skgid: (p) => socketOwner(p, 'gid'),
  nftrace: (p) => (p.skb.nfTrace ? 1 : 0),
  rtclassid: () => BREAK,
  pkttype: (p) => pktType(p),
  cpu: () => 0,
  iifgroup: (p) => p.indev?.group ?? BREAK,
  oifgroup: (p) => p.outdev?.group ?? BREAK,
  cgroup: () => BREAK,
  random: (p) => p.netns.kernel.random.u32(),
  ipsec: () => 0,
  day: (p) => Math.floor(wallSeconds(p) / DAY_SECONDS + 4) % 7,
  hour: (p) => Math.floor(wallSeconds(p)) % DAY_SECONDS,
  ibrpvid: () => BREAK,
  ibrvproto: () => BREAK,
  sdif: () => 0,
};

const LOOPBACK = 772;
const PACKET_BROADCAST = 1;
const PACKET_MULTICAST = 2;

/** What comes in by the loopback device is told by its destination. `nft_meta_get_eval_pkttype_lo()` */
function pktType(p: NftPacket): number {
  if (p.indev?.arphrd !== LOOPBACK) return p.skb.pktType;
  if (p.nfproto === NFPROTO_IPV4)
    return p.daddr >>> 28 === 14 ? PACKET_MULTICAST : PACKET_BROADCAST;
  return PACKET_MULTICAST;
}

/** The names that a key is compared with. */
export const NAMES: Readonly<Record<string, (p: NftPacket) => string | undefined>> = {
  iifname: (p) => (p.indev === null ? '' : p.iif),
  oifname: (p) => (p.outdev === null ? '' : p.oif),
  ibrname: (p) => masterName(p.indev),
  obrname: (p) => masterName(p.outdev),
  iifkind: (p) => p.indev?.linkType,
  oifkind: (p) => p.outdev?.linkType,
  sdifname: () => undefined,
};

const NAME_BYTES = 16;
/** Keys that only the frames of bridges have. nft_meta_bridge.c */
const BRIDGE_KEYS: readonly string[] = ['ibrname', 'obrname', 'ibrpvid', 'ibrvproto'];

function nameLoader(read: (p: NftPacket) => string | undefined): Loader {
  return bytesLoader(NAME_BYTES * 8, (p, to, at) => {
    const name = read(p);
    if (name === undefined) return false;
    for (let i = 0; i < NAME_BYTES; i++) to[at + i] = i < name.length ? name.charCodeAt(i) : 0;
    return true;
  });
}

/** Nanoseconds since 1970, in two halves: a number has not room for them. */
function timeLoader(): Loader {
  return bytesLoader(64, (p, to, at) => {
    const { epoch } = p.netns.kernel;
    const seconds = epoch + Math.floor(p.netns.sim.now / 1e9);
    let lo = (seconds % 2 ** 16) * 1e9 + (p.netns.sim.now % 1e9);
    let hi = Math.floor(seconds / 2 ** 16) * 1e9;
    // (hi * 2^16 + lo) as eight bytes: the lowest two are of lo alone
    for (let i = 7; i >= 0; i--) {
      to[at + i] = lo % 256;
      lo = Math.floor(lo / 256);
      if (i === 6) {
        lo += hi;
        hi = 0;
      }
    }
    return true;
  });
}

/** `nft_meta_get_eval()` @throws KernelError EOPNOTSUPP */
export function metaLoader(e: NftMeta, family: NftFamily): Loader {
  if (BRIDGE_KEYS.includes(e.key) && family !== 'bridge') throw new KernelError('EOPNOTSUPP');
  if (e.key === 'time') return timeLoader();
  const name = NAMES[e.key];
  if (name !== undefined) return nameLoader(name);
  const number = NUMBERS[e.key];
  if (number === undefined)
    throw new KernelError('EOPNOTSUPP', `Labwire does not act on meta ${e.key}`);
  return numberLoader(e.bits, number);
}
