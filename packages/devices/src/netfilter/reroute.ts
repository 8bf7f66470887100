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

/** Packets that may be on their way through the table at once: TEE sends a copy through it in the middle. A power of two. */
const AT_ONCE = 4;

/** What a packet was like. */
class Before {
  skb: SkBuff | null = null;
  saddr = 0;
  daddr = 0;
  tos = 0;
  mark = 0;

  take(skb: SkBuff): void {
    const { buf, nh } = skb;
    this.skb = skb;
    this.saddr = get32(buf, nh + 12);
    this.daddr = get32(buf, nh + 16);
    this.tos = get8(buf, nh + 1);
    this.mark = skb.mark;
  }

  isStill({ buf, nh, mark }: SkBuff): boolean {
    return (
      this.saddr === get32(buf, nh + 12) &&
      this.daddr === get32(buf, nh + 16) &&
      this.tos === get8(buf, nh + 1) &&
      this.mark === mark
    );
  }
}

/** Stands before and after the mangle table: routes a packet anew if its ends, its TOS or its mark have changed. */
export class MangleReroute {
  readonly #netns: Netns;
  /** The last few that came, not all of which came through. */
  readonly #before: readonly Before[] = Array.from({ length: AT_ONCE }, () => new Before());
  #last = 0;

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** Remembers what a packet is like. */
  before(skb: SkBuff): number {
    this.#last = (this.#last + 1) & (AT_ONCE - 1);
    (this.#before[this.#last] as Before).take(skb);
    return NF_ACCEPT;
  }

  /** Compares. */
  after(skb: SkBuff): number {
    for (let i = AT_ONCE; i > 0; i--) {
      const was = this.#before[(this.#last + i) & (AT_ONCE - 1)] as Before;
      if (was.skb !== skb) continue;
      was.skb = null;
      return was.isStill(skb) ? NF_ACCEPT : routeMeHarder(this.#netns, skb);
    }
    return NF_ACCEPT;
  }
}
