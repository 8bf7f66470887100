import { get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_HLEN } from '../net-device.ts';
import { POLICY_LAYER2, POLICY_LAYER34 } from './constants.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const TCP = 6;
const UDP = 17;
const FRAGMENT = 0x3fff;

/** Four bytes as a little-endian processor has them. */
function word(buf: Uint8Array, at: number): number {
  const be = get32(buf, at);
  return ((be & 0xff) << 24) | ((be & 0xff00) << 8) | ((be >>> 8) & 0xff00) | (be >>> 24);
}

/** `bond_eth_hash()` */
function ethHash(buf: Uint8Array, at: number): number {
  return (buf[at + 5] as number) ^ (buf[at + 11] as number) ^ get16(buf, at + 12);
}

/** The four bytes of its ports; 0 if there are none to be seen. */
function portsOf(skb: SkBuff, protocol: number, th: number): number {
  return (protocol === TCP || protocol === UDP) && th + 4 <= skb.tail ? word(skb.buf, th) : 0;
}

function scatter(hash: number, addrs: number, policy: number): number {
  let h = hash ^ addrs;
  h ^= h >>> 16;
  h ^= h >>> 8;
  return (policy === POLICY_LAYER34 ? h >>> 1 : h) >>> 0;
}

/** What decides which port a frame leaves by; `data` is at its Ethernet header. `bond_xmit_hash()` */
export function xmitHash(skb: SkBuff, policy: number): number {
  const { buf, data } = skb;
  const nh = data + ETH_HLEN;
  const layer2 = ethHash(buf, data);
  if (policy === POLICY_LAYER2) return layer2;
  const type = get16(buf, data + 12);
  const byPorts = policy === POLICY_LAYER34;
  if (type === ETH_P_IP && nh + 20 <= skb.tail) {
    const whole = (get16(buf, nh + 6) & FRAGMENT) === 0;
    const th = nh + ((buf[nh] as number) & 0xf) * 4;
    const ports = byPorts && whole ? portsOf(skb, buf[nh + 9] as number, th) : 0;
    return scatter(byPorts ? ports : layer2, word(buf, nh + 16) ^ word(buf, nh + 12), policy);
  }
  if (type === ETH_P_IPV6 && nh + 40 <= skb.tail) {
    let addrs = 0;
    for (let at = nh + 8; at < nh + 40; at += 4) addrs ^= word(buf, at);
    const ports = byPorts ? portsOf(skb, buf[nh + 6] as number, nh + 40) : 0;
    return scatter(byPorts ? ports : layer2, addrs, policy);
  }
  return layer2;
}
