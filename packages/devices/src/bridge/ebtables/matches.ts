/** Whether a rule holds for a frame. Linux net/bridge/netfilter/ebtables.c, ebt_basic_match(), and the matches' files. */
import { get8, get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_P_ARP, ETH_P_IP } from '@labwire/core/wire';
import { macHi, macLo, type NetDevice } from '../../link/index.ts';
import type { IfaceMatch } from '../../netfilter/xt/index.ts';
import type { Bits, EbtArp, EbtIp, EbtRule, Is, Span } from './rule.ts';

const ETH_P_8021Q = 0x8100;
/** Types from here on are types; below they are lengths. */
const ETH_P_802_3_MIN = 0x600;
/** 02 for Ethernet and IPv4: the only ARP whose addresses can be asked for. */
const ARP_ETHER_IP_LENGTHS = 0x0604;
const ARP_HLEN = 28;
const IPV4_HLEN = 20;
/** Protocols with ports: TCP, UDP, DCCP, SCTP, UDP-Lite. */
const PORT_PROTOCOLS = [6, 17, 33, 132, 136];

function is(m: Is<number> | undefined, n: number): boolean {
  return m === undefined || (n === m.value) !== m.invert;
}

function within(m: Is<Span> | undefined, n: number): boolean {
  return m === undefined || (n >= m.value[0] && n <= m.value[1]) !== m.invert;
}

function addrIs(m: Is<Bits<number>> | undefined, addr: number): boolean {
  return m === undefined || (((addr ^ m.value.addr) & m.value.mask) === 0) !== m.invert;
}

function macIs(m: Is<Bits<number>> | undefined, buf: Uint8Array, at: number): boolean {
  if (m === undefined) return true;
  const { addr, mask } = m.value;
  const hi = (get16(buf, at) ^ macHi(addr as never)) & macHi(mask as never);
  const lo = (get32(buf, at + 2) ^ macLo(addr as never)) & macLo(mask as never);
  return ((hi | lo) === 0) !== m.invert;
}

function deviceIs(m: IfaceMatch | undefined, dev: NetDevice | null): boolean {
  if (m === undefined) return true;
  const name = dev === null ? '' : dev.name;
  return (m.wildcard ? name.startsWith(m.name) : name === m.name) !== m.invert;
}

function protoIs(m: Is<number> | undefined, skb: SkBuff): boolean {
  if (m === undefined) return true;
  const type = skb.vlanTci >= 0 ? ETH_P_8021Q : get16(skb.buf, skb.mac + 12);
  return (m.value === 0 ? type < ETH_P_802_3_MIN : type === m.value) !== m.invert;
}

function bridgeOf(dev: NetDevice | null): NetDevice | null {
  return dev === null ? null : (dev.master ?? dev);
}

/** Whether a rule holds. @param indev and outdev the ports, null where there is none */
export function ebtHolds(
  r: EbtRule,
  skb: SkBuff,
  indev: NetDevice | null,
  outdev: NetDevice | null,
): boolean {
  return (
    protoIs(r.proto, skb) &&
    deviceIs(r.iif, indev) &&
    deviceIs(r.oif, outdev) &&
    deviceIs(r.logicalIn, bridgeOf(indev)) &&
    deviceIs(r.logicalOut, bridgeOf(outdev)) &&
    macIs(r.src, skb.buf, skb.mac + 6) &&
    macIs(r.dst, skb.buf, skb.mac) &&
    (r.ip === undefined || ipHolds(r.ip, skb)) &&
    (r.arp === undefined || arpHolds(r.arp, skb))
  );
}

/** `ebt_ip_mt()` */
function ipHolds(m: EbtIp, { buf, data, tail, protocol }: SkBuff): boolean {
  if (protocol !== ETH_P_IP || tail - data < IPV4_HLEN) return false;
  const proto = get8(buf, data + 9);
  return (
    is(m.tos, get8(buf, data + 1)) &&
    addrIs(m.src, get32(buf, data + 12)) &&
    addrIs(m.dst, get32(buf, data + 16)) &&
    is(m.proto, proto) &&
    ((m.sport === undefined && m.dport === undefined) || portsHold(m, buf, data, tail, proto))
  );
}

function portsHold(m: EbtIp, buf: Uint8Array, nh: number, tail: number, proto: number): boolean {
  const th = nh + (get8(buf, nh) & 0x0f) * 4;
  const isFragment = (get16(buf, nh + 6) & 0x1fff) !== 0;
  if (!PORT_PROTOCOLS.includes(proto) || isFragment || th + 4 > tail) return false;
  return within(m.sport, get16(buf, th)) && within(m.dport, get16(buf, th + 2));
}

/** `ebt_arp_mt()` */
function arpHolds(m: EbtArp, { buf, data, tail, protocol }: SkBuff): boolean {
  if (protocol !== ETH_P_ARP || tail - data < ARP_HLEN) return false;
  if (
    !is(m.op, get16(buf, data + 6)) ||
    !is(m.htype, get16(buf, data)) ||
    !is(m.ptype, get16(buf, data + 2))
  )
    return false;
  const asks = m.ipSrc ?? m.ipDst ?? m.macSrc ?? m.macDst ?? m.gratuitous;
  if (asks === undefined) return true;
  if (get16(buf, data + 4) !== ARP_ETHER_IP_LENGTHS) return false;
  const sender = get32(buf, data + 14);
  const target = get32(buf, data + 24);
  return (
    addrIs(m.ipSrc, sender) &&
    addrIs(m.ipDst, target) &&
    (m.gratuitous === undefined || (sender === target) !== m.gratuitous.invert) &&
    macIs(m.macSrc, buf, data + 8) &&
    macIs(m.macDst, buf, data + 18)
  );
}
