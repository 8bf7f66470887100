/** New routes for packets of ours that a table has changed. */
import { get8, get32 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { FLOWI_FLAG_ANYSRC, Flow4 } from '../fib/index.ts';
import type { Rtable } from '../ipv4/rtable.ts';
import type { Netns } from '../netns/netns.ts';
import { NF_ACCEPT, NF_DROP } from './xt/verdict.ts';

const DSCP_MASK = 0xfc;

const flow = new Flow4();

/** Looks a packet's route up again. `ip_route_me_harder()` @returns NF_ACCEPT, or NF_DROP if there is none */
export function routeMeHarder({ ipv4 }: Netns, skb: SkBuff): number {
  flow.to(get32(skb.buf, skb.nh + 16));
  const saddr = get32(skb.buf, skb.nh + 12);
  const type = ipv4.addrType(saddr);
  if (type === 'local' || type === 'unicast') {
    flow.saddr = saddr;
    flow.flags = FLOWI_FLAG_ANYSRC; // an answer of REJECT's comes from whom it was for
  }
  flow.tos = get8(skb.buf, skb.nh + 1) & DSCP_MASK;
  flow.mark = skb.mark;
  if (ipv4.fib.hasCustomRules) ipv4.dissect(skb, flow);
  if (ipv4.routeOutput(flow) !== undefined) return NF_DROP;
  skb.dst = ipv4.rt as Rtable;
  return NF_ACCEPT;
}

/** Stands before and after the mangle table: routes a packet anew if its ends, its TOS or its mark have changed. */
export class MangleReroute {
  readonly #netns: Netns;
  #saddr = 0;
  #daddr = 0;
  #tos = 0;
  #mark = 0;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Remembers what a packet is like. */
  before({ buf, nh, mark }: SkBuff): number {
    this.#saddr = get32(buf, nh + 12);
    this.#daddr = get32(buf, nh + 16);
    this.#tos = get8(buf, nh + 1);
    this.#mark = mark;
    return NF_ACCEPT;
  }

  /** Compares. */
  after(skb: SkBuff): number {
    const { buf, nh, mark } = skb;
    const same =
      this.#saddr === get32(buf, nh + 12) &&
      this.#daddr === get32(buf, nh + 16) &&
      this.#tos === get8(buf, nh + 1) &&
      this.#mark === mark;
    return same ? NF_ACCEPT : routeMeHarder(this.#netns, skb);
  }
}
