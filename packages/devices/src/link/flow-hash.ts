import { get16, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { ETH_HLEN } from './net-device.ts';

const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const TCP = 6;
const UDP = 17;
const FRAGMENT = 0x3fff;

/** Scatters 32 bits. */
function mix(h: number, word: number): number {
  const x = Math.imul(h ^ word, 0x9e37_79b1);
  return x ^ (x >>> 15);
}

/** The same number for all packets of one connection and direction; `data` is at the Ethernet header. `skb_get_hash_perturb()` */
export function flowHash(skb: SkBuff, perturbation: number): number {
  const { buf } = skb;
  const nh = skb.data + ETH_HLEN;
  if (skb.len < ETH_HLEN + 20) return mix(perturbation, skb.len) >>> 0;
  const type = get16(buf, nh - 2);
  if (type === ETH_P_IP) {
    const protocol = buf[nh + 9] as number;
    let h = mix(mix(mix(perturbation, get32(buf, nh + 12)), get32(buf, nh + 16)), protocol);
    const th = nh + ((buf[nh] as number) & 0xf) * 4;
    const hasPorts =
      (protocol === TCP || protocol === UDP) && (get16(buf, nh + 6) & FRAGMENT) === 0;
    if (hasPorts && th + 4 <= skb.tail) h = mix(h, get32(buf, th));
    return h >>> 0;
  }
  if (type !== ETH_P_IPV6 || skb.len < ETH_HLEN + 44) return mix(perturbation, type) >>> 0;
  let h = perturbation;
  for (let at = nh + 8; at < nh + 40; at += 4) h = mix(h, get32(buf, at));
  return mix(h, get32(buf, nh + 40)) >>> 0;
}
