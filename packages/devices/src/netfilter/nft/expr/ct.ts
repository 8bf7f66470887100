/** What is known of a packet's connection. Linux net/netfilter/nft_ct.c */
import type { Ipv6Addr } from '@labwire/core/addr';
import { KernelError } from '@labwire/core/error';
import { ctDir, IP_CT_IS_REPLY, IP_CT_UNTRACKED, type NfConn } from '../../../conntrack/nf-conn.ts';
import type { Tuple } from '../../../conntrack/tuple.ts';
import type { InetAddr } from '../../../rtnetlink/types.ts';
import { NftFault } from '../api/fault.ts';
import type { NftCt } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import {
  BREAK,
  bytesLoader,
  type Loader,
  numberLoader,
  type ReadNumber,
  writeNumber,
} from './loader.ts';

const STATE_INVALID = 1;
const STATE_UNTRACKED = 64;
const HELPER_BYTES = 16;

function conn(p: NftPacket): NfConn | null {
  return p.skb.ct as NfConn | null;
}

function state(p: NftPacket): number {
  const { ct, ctinfo } = p.skb;
  if (ct !== null) return 1 << ((ctinfo % IP_CT_IS_REPLY) + 1);
  return ctinfo === IP_CT_UNTRACKED ? STATE_UNTRACKED : STATE_INVALID;
}

/** The tuple that a key with a direction is of. */
function tuple(e: NftCt, ct: NfConn): Tuple {
  return e.dir === 'reply' ? ct.reply : ct.orig;
}

function of(read: (ct: NfConn, p: NftPacket) => number): ReadNumber {
  return (p) => {
    const ct = conn(p);
    return ct === null ? BREAK : read(ct, p);
  };
}

function accounted(e: NftCt, what: 'packets' | 'bytes'): (ct: NfConn) => number {
  return ({ counters }) => {
    if (counters === null) return 0;
    const orig = e.dir === 'reply' ? 0 : counters[0][what];
    return orig + (e.dir === 'original' ? 0 : counters[1][what]);
  };
}

function average(e: NftCt): (ct: NfConn) => number {
  const [packets, bytes] = [accounted(e, 'packets'), accounted(e, 'bytes')];
  return (ct) => (packets(ct) === 0 ? 0 : Math.floor(bytes(ct) / packets(ct)));
}

function numberOf(e: NftCt): ReadNumber | undefined {
  switch (e.key) {
    case 'state':
      return state;
    case 'direction':
      return of((_ct, p) => ctDir(p.skb.ctinfo));
    case 'status':
      return of((ct) => ct.status >>> 0);
    case 'mark':
      return of((ct) => ct.mark);
    case 'expiration':
      return of((ct, p) => Math.max(0, Math.floor((ct.expires - p.netns.sim.now) / 1e6)));
    case 'l3proto':
      return of((ct) => (ct.isIpv6 ? 10 : 2));
    case 'protocol':
      return of((ct) => ct.orig.proto);
    case 'proto-src':
      return of((ct) => tuple(e, ct).sport);
    case 'proto-dst':
      return of((ct) => tuple(e, ct).dport);
    case 'zone':
      return of((ct) => ct.zoneOf(e.dir === 'reply' ? 1 : 0));
    case 'id':
      return of((ct) => ct.id);
    case 'secmark':
      return () => 0;
    case 'bytes':
    case 'packets':
      return of(accounted(e, e.key));
    case 'avgpkt':
      return of(average(e));
    default:
      return undefined;
  }
}

function address(e: NftCt, side: 'src' | 'dst'): Loader {
  const pick = (ct: NfConn): InetAddr => tuple(e, ct)[side];
  if (e.bits === 32)
    return numberLoader(32, (p) => {
      const ct = conn(p);
      const a = ct === null ? null : pick(ct);
      return typeof a === 'number' ? a >>> 0 : BREAK;
    });
  return bytesLoader(128, (p, to, at) => {
    const ct = conn(p);
    if (ct === null || !ct.isIpv6) return false;
    const a = pick(ct) as Ipv6Addr;
    writeNumber(a.w0 >>> 0, to, at, 4);
    writeNumber(a.w1 >>> 0, to, at + 4, 4);
    writeNumber(a.w2 >>> 0, to, at + 8, 4);
    writeNumber(a.w3 >>> 0, to, at + 12, 4);
    return true;
  });
}

/** Numbers wider than 48 bits have their upper bytes zero here. */
function wide(bits: number, number: ReadNumber): Loader {
  const size = bits / 8;
  return bytesLoader(bits, (p, to, at) => {
    const v = number(p);
    if (v < 0) return false;
    writeNumber(v, to, at, size);
    return true;
  });
}

function labels(): Loader {
  return bytesLoader(128, (p, to, at) => {
    const ct = conn(p);
    if (ct === null) return false;
    let v = ct.labels;
    for (let i = 15; i >= 0; i--) {
      to[at + i] = Number(v & 0xffn);
      v >>= 8n;
    }
    return true;
  });
}

function helper(): Loader {
  return bytesLoader(HELPER_BYTES * 8, (p, to, at) => {
    const name = conn(p)?.master?.helper ?? conn(p)?.helper ?? null;
    if (name === null) return false;
    for (let i = 0; i < HELPER_BYTES; i++) to[at + i] = i < name.length ? name.charCodeAt(i) : 0;
    return true;
  });
}

/** `nft_ct_get_eval()` @throws KernelError EOPNOTSUPP */
export function ctLoader(e: NftCt): Loader {
  if (e.dir === undefined && /addr$|^proto-/.test(e.key)) throw new NftFault('EINVAL');
  if (e.key.endsWith('saddr')) return address(e, 'src');
  if (e.key.endsWith('daddr')) return address(e, 'dst');
  if (e.key === 'label') return labels();
  if (e.key === 'helper') return helper();
  const number = numberOf(e);
  if (number === undefined)
    throw new KernelError('EOPNOTSUPP', `Labwire does not act on ct ${e.key}`);
  return e.bits > 48 ? wide(e.bits, number) : numberLoader(e.bits, number);
}
