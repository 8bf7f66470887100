import { get16, get32 } from '@labwire/core/bytes';
import { ETH_P_ARP } from '@labwire/core/wire';
import type { EbtFrame } from '../frame.ts';
import type { EbtArp } from '../match.ts';
import { addrIs, is, macIs } from './values.ts';

const ETH_P_RARP = 0x8035;
/** Lengths of the addresses of Ethernet and IPv4: the only ARP whose addresses can be asked for. */
const ETHER_IP_LENGTHS = 0x0604;
const ARP_HLEN = 28;

/** Whether an ARP message is what is asked for: its header is at `skb.data`. */
export type ArpMatcher = (f: Pick<EbtFrame, 'skb'>) => boolean;

/** `ebt_arp_mt()` */
export function arpMatcher(m: EbtArp): ArpMatcher {
  const asksAddresses = (m.ipSrc ?? m.ipDst ?? m.macSrc ?? m.macDst ?? m.gratuitous) !== undefined;
  return ({ skb: { buf, data, tail, protocol } }) => {
    const isArp = protocol === ETH_P_ARP || protocol === ETH_P_RARP;
    if (!isArp || tail - data < ARP_HLEN) return false;
    if (
      !is(m.op, get16(buf, data + 6)) ||
      !is(m.htype, get16(buf, data)) ||
      !is(m.ptype, get16(buf, data + 2))
    )
      return false;
    if (!asksAddresses) return true;
    return get16(buf, data + 4) === ETHER_IP_LENGTHS && addressesHold(m, buf, data);
  };
}

function addressesHold(m: EbtArp, buf: Uint8Array, at: number): boolean {
  const sender = get32(buf, at + 14);
  const target = get32(buf, at + 24);
  return (
    addrIs(m.ipSrc, sender) &&
    addrIs(m.ipDst, target) &&
    (m.gratuitous === undefined || (sender === target) !== m.gratuitous.invert) &&
    macIs(m.macSrc, buf, at + 8) &&
    macIs(m.macDst, buf, at + 18)
  );
}
