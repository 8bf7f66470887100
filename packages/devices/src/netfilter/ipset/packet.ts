/** A packet's part in sets: is it there, and adding or deleting it. Linux net/netfilter/xt_set.c, ip_set_getport.c */
import { get8, get16 } from '@labwire/core/bytes';
import type { XtPacket } from '../xt/packet.ts';
import type { IpSet, IpSetPart } from './data.ts';
import { type IpSetIndex, putName } from './index-of.ts';
import type { IpSets } from './sets.ts';
import type { IpSetDim } from './types.ts';

const ICMP = 1;
const ICMPV6 = 58;

function putAddr(to: Uint8Array, at: number, p: XtPacket, isSource: boolean): void {
  const { buf, nh } = p.skb;
  const size = p.isIpv6 ? 16 : 4;
  const from = nh + (p.isIpv6 ? (isSource ? 8 : 24) : isSource ? 12 : 16);
  for (let i = 0; i < 16; i++) to[at + i] = i < 16 - size ? 0 : get8(buf, from + i - (16 - size));
  to[at + 16] = 0;
}

/** The port, or type and code of ICMP. @returns false if the packet has none. `ip_set_get_ip4_port()` */
function putPort(to: Uint8Array, at: number, p: XtPacket, isSource: boolean): boolean {
  let port = isSource ? p.sport : p.dport;
  if (p.proto === ICMP || p.proto === ICMPV6)
    port = p.fragOff === 0 && p.thoff + 2 <= p.skb.tail ? get16(p.skb.buf, p.thoff) : -1;
  if (port < 0) return false;
  to[at] = p.proto;
  to[at + 1] = port >> 8;
  to[at + 2] = port & 0xff;
  return true;
}

const ETH_ALEN = 6;

function putMac(to: Uint8Array, at: number, p: XtPacket, isSource: boolean): boolean {
  const { buf, mac } = p.skb;
  if (mac < 0) return false;
  for (let i = 0; i < ETH_ALEN; i++) to[at + i] = get8(buf, mac + (isSource ? ETH_ALEN : 0) + i);
  return true;
}

/** Writes a packet's key. @returns false if it has not what the set is of */
function putKey(index: IpSetIndex, p: XtPacket, dirs: readonly ('src' | 'dst')[]): boolean {
  const { dims } = index.set.type;
  const { key } = index;
  for (let i = 0; i < dims.length; i++) {
    const at = index.at[i] as number;
    const isSource = dirs[i] === 'src';
    if (!putDim(key, at, dims[i] as IpSetDim, p, isSource, index.set)) return false;
  }
  return true;
}

function putDim(
  key: Uint8Array,
  at: number,
  dim: IpSetDim,
  p: XtPacket,
  isSource: boolean,
  set: IpSet,
): boolean {
  switch (dim) {
    case 'ip':
    case 'net':
      if (p.isIpv6 !== (set.options.family === 'inet6')) return false;
      putAddr(key, at, p, isSource);
      return true;
    case 'port': {
      const there = putPort(key, at, p, isSource);
      if (there && set.type.dims.length === 1) key[at] = 0; // a bitmap of ports has no protocols
      return there;
    }
    case 'iface': {
      const dev = isSource ? p.iif : p.oif;
      putName(key, at, dev);
      return dev !== '';
    }
    case 'mac':
      return putMac(key, at, p, isSource);
    case 'set':
      return true;
  }
}

/** Whether a packet is in a set; its counters move. `ip_set_test()` */
export function packetInSet(
  sets: IpSets,
  set: IpSet,
  p: XtPacket,
  dirs: readonly ('src' | 'dst')[],
): boolean {
  if (set.type.name === 'list:set') {
    for (const e of set.entries.values()) {
      const member = sets.find(e.parts[0]?.name ?? '');
      if (member !== undefined && packetInSet(sets, member, p, dirs)) return true;
    }
    return false;
  }
  if (dirs.length < set.type.dims.length) return false;
  const index = sets.index(set);
  if (!putKey(index, p, dirs)) return false;
  const { netmask } = set.options;
  if (netmask !== undefined) clearHost(index, netmask);
  const found = index.find(p.netns.sim.now);
  if (found === null || found.nomatch) return false;
  found.packets++;
  found.bytes += p.len;
  return true;
}

function clearHost(index: IpSetIndex, netmask: number): void {
  const at = index.at[0] as number;
  const bits = index.set.options.family === 'inet' ? 32 : 128;
  const first = 16 - bits / 8;
  for (let i = first; i < 16; i++) {
    const left = netmask - (i - first) * 8;
    const mask = left >= 8 ? 0xff : left <= 0 ? 0 : (0xff00 >> left) & 0xff;
    index.key[at + i] = (index.key[at + i] as number) & mask;
  }
}

/** The element that a packet would be; undefined if it has not what the set is of. */
export function partsOf(
  sets: IpSets,
  set: IpSet,
  p: XtPacket,
  dirs: readonly ('src' | 'dst')[],
): IpSetPart[] | undefined {
  const index = sets.index(set);
  if (dirs.length < set.type.dims.length || !putKey(index, p, dirs)) return undefined;
  if (set.options.netmask !== undefined) clearHost(index, set.options.netmask);
  return set.type.dims.map((d, i) =>
    partAt(index.key, index.at[i] as number, d, set, dirs[i] === 'src' ? p.iif : p.oif),
  );
}

function numberAt(key: Uint8Array, at: number, size: number): bigint {
  let v = 0n;
  for (let i = 0; i < size; i++) v = (v << 8n) | BigInt(key[at + i] as number);
  return v;
}

function partAt(key: Uint8Array, at: number, dim: IpSetDim, set: IpSet, dev: string): IpSetPart {
  switch (dim) {
    case 'port':
      return { value: numberAt(key, at + 1, 2), extra: key[at] as number, name: '' };
    case 'mac':
      return { value: numberAt(key, at, 6), extra: 0, name: '' };
    case 'iface':
      return { value: 0n, extra: 0, name: dev };
    default:
      return {
        value: numberAt(key, at, 16),
        extra: dim === 'net' ? (set.options.family === 'inet' ? 32 : 128) : 0,
        name: '',
      };
  }
}
