/** Bytes of the packet. Linux net/netfilter/nft_payload.c */
import { get8 } from '@labwire/core/bytes';
import type { NftPayload, NftPayloadBase } from '../data/index.ts';
import type { NftPacket } from '../eval/packet.ts';
import { BREAK, bytesLoader, type Loader, NUMBER_BITS, numberLoader, readBits } from './loader.ts';

const ETHER_TYPE = 12;
const VLAN_BYTES = 4;
const ETH_P_8021Q = 0x8100;

/** Where a header begins in the buffer; -1 if there is none. */
export function baseOf(p: NftPacket, base: NftPayloadBase): number {
  switch (base) {
    case 'link':
      return p.skb.mac;
    case 'network':
      return p.network;
    case 'transport':
      return p.hasL4 && p.fragOff === 0 ? p.thoff : -1;
    case 'inner':
      return innerOf(p);
  }
}

/** Behind the transport header. `__nft_payload_inner_offset()` */
function innerOf(p: NftPacket): number {
  if (!p.hasL4 || p.fragOff !== 0) return -1;
  if (p.proto === 17) return p.thoff + 8;
  if (p.proto !== 6 || p.thoff + 20 > p.skb.tail) return -1;
  return p.thoff + (get8(p.skb.buf, p.thoff + 12) >>> 4) * 4;
}

/** A byte of the frame as it was on the wire: a tag that was taken out is there. `nft_payload_copy_vlan()` */
function linkByte(p: NftPacket, i: number): number {
  const { buf, mac, vlanTci } = p.skb;
  if (vlanTci < 0 || i < ETHER_TYPE) return get8(buf, mac + i);
  if (i < ETHER_TYPE + 2) return i === ETHER_TYPE ? ETH_P_8021Q >>> 8 : ETH_P_8021Q & 0xff;
  if (i < ETHER_TYPE + VLAN_BYTES) return i === ETHER_TYPE + 2 ? vlanTci >>> 8 : vlanTci & 0xff;
  return get8(buf, mac + i - VLAN_BYTES);
}

function linkLoader(e: NftPayload): Loader {
  const first = e.offset >>> 3;
  const last = (e.offset + e.bits - 1) >>> 3;
  const behind = (8 - ((e.offset + e.bits) & 7)) & 7;
  const there = ({ skb }: NftPacket): boolean =>
    skb.mac >= 0 && skb.mac + last - (skb.vlanTci < 0 ? 0 : VLAN_BYTES) < skb.tail;
  if (e.bits > NUMBER_BITS)
    return bytesLoader(e.bits, (p, to, at) => {
      if (!there(p)) return false;
      for (let i = first; i <= last; i++) to[at + i - first] = linkByte(p, i);
      return true;
    });
  return numberLoader(e.bits, (p) => {
    if (!there(p)) return BREAK;
    let v = 0;
    for (let i = first; i <= last; i++) v = v * 256 + linkByte(p, i);
    return Math.floor(v / 2 ** behind) % 2 ** e.bits;
  });
}

/** Whether a field is one that is read in haste: of a later fragment, too. `nft_payload_select_ops()` */
function isFast({ base, offset, bits }: NftPayload): boolean {
  const first = offset >>> 3;
  const bytes = ((offset + bits + 7) >>> 3) - first;
  return base === 'transport' && (bytes === 1 || bytes === 2 || bytes === 4) && first % bytes === 0;
}

/** `nft_payload_eval()`, `nft_payload_fast_eval()` */
export function payloadLoader(e: NftPayload): Loader {
  const { base, offset, bits } = e;
  if (base === 'link') return linkLoader(e);
  const end = (offset + bits + 7) >>> 3;
  const fast = isFast(e);
  if (bits > NUMBER_BITS)
    return bytesLoader(bits, (p, to, at) => {
      const from = baseOf(p, base);
      if (from < 0 || from + end > p.skb.tail) return false;
      for (let i = 0; i < end - (offset >>> 3); i++)
        to[at + i] = get8(p.skb.buf, from + (offset >>> 3) + i);
      return true;
    });
  return numberLoader(bits, (p) => {
    const from = fast && p.hasL4 ? p.thoff : baseOf(p, base);
    if (from < 0 || from + end > p.skb.tail) return BREAK;
    return readBits(p.skb.buf, from, offset, bits);
  });
}
