import { type Ipv4Addr, MAC_BROADCAST, type MacAddr } from '@labwire/core/addr';
import { get16, get32, get48, put16, put32, put48 } from '@labwire/core/bytes';
import {
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  type SkBuff,
} from '@labwire/core/skb';
import { ARPOP_REPLY, ARPOP_REQUEST, ETH_P_ARP, ETH_P_IP } from '@labwire/core/wire';
import { NF_INET_PRE_ROUTING } from '../../ipv4/nf-hooks.ts';
import { macHi, macLo } from '../../link/index.ts';
import type { Bridge } from '../bridge.ts';
import { EBT_CONTINUE, EBT_DROP, EBT_VERDICTS, type EbtAct, type EbtFrame } from './frame.ts';
import { etherTypeOf } from './match/index.ts';
import type { EbtAction, EbtArpreply, EbtDnat, EbtMarkTarget, EbtSnat } from './target.ts';

const ARP_HLEN = 28;
const ETH_ALEN = 6;
/** Lengths of the addresses of Ethernet and IPv4. */
const ETHER_IP_LENGTHS = 0x0604;

/** Makes a target's function. */
export function ebtAction(t: EbtAction): EbtAct {
  switch (t.kind) {
    case 'mark':
      return markAction(t);
    case 'snat':
      return snatAction(t);
    case 'dnat':
      return dnatAction(t);
    case 'redirect':
      return redirectAction(EBT_VERDICTS[t.verdict]);
    case 'arpreply':
      return arpreplyAction(t);
  }
}

/** The bridge that a frame came in to; null if it came in nowhere. */
function bridgeIn({ indev }: EbtFrame): Bridge | null {
  return indev === null ? null : (indev.master as Bridge | null);
}

function putMac(buf: Uint8Array, at: number, hi: number, lo: number): void {
  put16(buf, at, hi);
  put32(buf, at + 2, lo);
}

/** `ebt_mark_tg()` */
function markAction({ op, value, verdict }: EbtMarkTarget): EbtAct {
  const said = EBT_VERDICTS[verdict];
  return ({ skb }) => {
    if (op === 'set') skb.mark = value;
    else if (op === 'or') skb.mark = (skb.mark | value) >>> 0;
    else if (op === 'and') skb.mark = (skb.mark & value) >>> 0;
    else skb.mark = (skb.mark ^ value) >>> 0;
    return said;
  };
}

/** `ebt_snat_tg()` */
function snatAction({ mac, arp, verdict }: EbtSnat): EbtAct {
  const said = EBT_VERDICTS[verdict];
  return ({ skb }) => {
    const { buf, data, tail } = skb;
    put48(buf, skb.mac + 6, mac);
    if (!arp || etherTypeOf(skb) !== ETH_P_ARP) return said;
    if (tail - data < ARP_HLEN) return EBT_DROP;
    if (get16(buf, data + 4) >>> 8 === ETH_ALEN) put48(buf, data + 8, mac);
    return said;
  };
}

/** Whom a frame is for after its destination was changed. */
function setPktType(skb: SkBuff, mac: MacAddr, bridge: Bridge | null): void {
  const hi = macHi(mac);
  if ((hi & 0x100) !== 0) skb.pktType = mac === MAC_BROADCAST ? PACKET_BROADCAST : PACKET_MULTICAST;
  else if (bridge !== null)
    skb.pktType =
      hi === bridge.addrHi && macLo(mac) === bridge.addrLo ? PACKET_HOST : PACKET_OTHERHOST;
}

/** `ebt_dnat_tg()` */
function dnatAction({ mac, verdict }: EbtDnat): EbtAct {
  const said = EBT_VERDICTS[verdict];
  return (f) => {
    put48(f.skb.buf, f.skb.mac, mac);
    setPktType(f.skb, mac, f.hook === NF_INET_PRE_ROUTING ? bridgeIn(f) : null);
    return said;
  };
}

/** `ebt_redirect_tg()` */
function redirectAction(said: number): EbtAct {
  return (f) => {
    const bridge = bridgeIn(f);
    if (bridge === null) return EBT_DROP;
    putMac(f.skb.buf, f.skb.mac, bridge.addrHi, bridge.addrLo);
    f.skb.pktType = PACKET_HOST;
    return said;
  };
}

/** `ebt_arpreply_tg()` */
function arpreplyAction({ mac, verdict }: EbtArpreply): EbtAct {
  const said = EBT_VERDICTS[verdict];
  return ({ skb: { buf, data, tail }, indev, netns }) => {
    if (tail - data < ARP_HLEN || indev === null) return EBT_DROP;
    const isRequest =
      get16(buf, data + 6) === ARPOP_REQUEST &&
      get16(buf, data + 2) === ETH_P_IP &&
      get16(buf, data + 4) === ETHER_IP_LENGTHS;
    if (!isRequest) return EBT_CONTINUE;
    const asker = get48(buf, data + 8) as MacAddr;
    const sender = get32(buf, data + 14) as Ipv4Addr;
    const target = get32(buf, data + 24) as Ipv4Addr;
    netns.ipv4.arp.send(ARPOP_REPLY, indev, asker, target, mac, sender, asker);
    return said;
  };
}
