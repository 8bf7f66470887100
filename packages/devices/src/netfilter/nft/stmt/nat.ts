/** Translations. Linux net/netfilter/nft_nat.c, nft_masq.c, nft_redir.c */
import type { Ipv4Addr } from '@labwire/core/addr';
import { getIpv6 } from '@labwire/core/addr';
import { get16, get32 } from '@labwire/core/bytes';
import type { AddrRange, Range } from '../../xt/match.ts';
import type { NatTarget } from '../../xt/target.ts';
import type { NftExpr, NftNat } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import type { CompileEnv, Step } from '../expr/index.ts';
import { bytesOf } from '../expr/loader.ts';
import { NFT_BREAK } from '../verdict.ts';

const KINDS = {
  snat: 'SNAT',
  dnat: 'DNAT',
  masquerade: 'MASQUERADE',
  redirect: 'REDIRECT',
} as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function addrAt(bytes: Uint8Array, at: number, isIpv6: boolean): AddrRange['min'] {
  return (isIpv6 ? getIpv6(bytes, at) : (get32(bytes, at) as Ipv4Addr)) as AddrRange['min'];
}

function addrOf(value: bigint, bits: number): AddrRange['min'] {
  return addrAt(bytesOf(value, bits), 0, bits === 128);
}

/** A constant address, range or network. */
function constantAddrs(e: NftExpr): AddrRange | undefined {
  if (e.kind === 'value') return { min: addrOf(e.value, e.bits), max: addrOf(e.value, e.bits) };
  if (e.kind === 'range') return { min: addrOf(e.from, e.bits), max: addrOf(e.to, e.bits) };
  if (e.kind !== 'prefix') return undefined;
  const last = e.value | ((1n << BigInt(e.bits - e.len)) - 1n);
  return { min: addrOf(e.value, e.bits), max: addrOf(last, e.bits) };
}

function constantPorts(e: NftExpr): Range | undefined {
  if (e.kind === 'value') return { min: Number(e.value), max: Number(e.value) };
  return e.kind === 'range' ? { min: Number(e.from), max: Number(e.to) } : undefined;
}

/** Fills in what depends on the packet. @returns false if there is nothing for it */
type Fill = (t: Mutable<NatTarget>, p: NftPacket) => boolean;

function addrFill(s: NftNat, e: NftExpr, env: CompileEnv): Fill {
  const load = env.loader(e);
  const width = e.type === 'ipv6_addr' || s.family === 'ip6' || env.table.family === 'ip6' ? 16 : 4;
  const scratch = new Uint8Array(Math.max(load.size, 18));
  return (t, p) => {
    if (!load.bytes(p, scratch, 0)) return false;
    const addr = addrAt(scratch, 0, width === 16);
    t.addrs = { min: addr, max: addr };
    if (load.size >= width + 2) {
      const port = get16(scratch, width);
      t.ports = { min: port, max: port };
    }
    return true;
  };
}

function portFill(e: NftExpr, env: CompileEnv): Fill {
  const read = env.loader(e).number;
  return (t, p) => {
    const port = read === undefined ? -1 : read(p);
    t.ports = { min: port, max: port };
    return port >= 0;
  };
}

/** Makes a translation's function: connections get it with their first packet. */
export function natStep(s: NftNat, env: CompileEnv): Step {
  const fills: Fill[] = [];
  const t: Mutable<NatTarget> = {
    kind: s.prefix === true ? 'NETMAP' : KINDS[s.type],
    random: s.flags.includes('random'),
    randomFully: s.flags.includes('fully-random'),
    persistent: s.flags.includes('persistent'),
  };
  const addrs = s.addr === undefined ? undefined : constantAddrs(s.addr);
  if (addrs !== undefined) t.addrs = addrs;
  else if (s.addr !== undefined) fills.push(addrFill(s, s.addr, env));
  const ports = s.port === undefined ? undefined : constantPorts(s.port);
  if (ports !== undefined) t.ports = ports;
  else if (s.port !== undefined) fills.push(portFill(s.port, env));
  const family = s.family;
  const { netfilter } = env;
  return (p) => {
    if (family !== undefined && (family === 'ip6') !== p.isIpv6) return NFT_BREAK;
    for (let i = 0; i < fills.length; i++) if (!(fills[i] as Fill)(t, p)) return NFT_BREAK;
    return netfilter.nat.target(t, p.skb, p.isIpv6, p.hook, p.indev, p.outdev);
  };
}
