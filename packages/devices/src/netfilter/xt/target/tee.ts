/** TEE: a copy of the packet goes to another host on the link. Linux net/ipv4/netfilter/nf_dup_ipv4.c and its IPv6 twin. */
import type { Ipv6Addr } from '@labwire/core/addr';
import { get8, get16, put8, put16 } from '@labwire/core/bytes';
import { cloneSkb, type SkBuff } from '@labwire/core/skb';
import { IP_DF } from '@labwire/core/wire';
import { IP_CT_UNTRACKED } from '../../../conntrack/nf-conn.ts';
import { Flow4 } from '../../../fib/index.ts';
import { ipLocalOut } from '../../../ipv4/output.ts';
import { Rtable } from '../../../ipv4/rtable.ts';
import type { NetDevice } from '../../../link/net-device.ts';
import type { Netns } from '../../../netns/netns.ts';
import type { Action } from '../compile-chain.ts';
import type { TeeTarget } from '../target.ts';
import { XT_CONTINUE } from '../verdict.ts';

const LOCAL_IN = 1;
const FRAG_OFF = 6;
const TTL = 8;
const HOP_LIMIT = 7;

const flow = new Flow4();
/** A copy is on its way through the rules, which make no copy of it. `nf_skb_duplicated` */
let duplicating = false;

/** The ways of copies: a route that knows its gateway though that is on the link, kept while the route is the same. */
class TeeRoute {
  #of: Rtable | null = null;
  #via: Rtable | null = null;

  /** @returns null if there is none. `nf_dup_ipv4_route()` */
  find({ ipv4 }: Netns, gateway: number, oif: NetDevice | undefined): Rtable | null {
    flow.to(gateway);
    if (oif !== undefined) flow.oif = oif.ifindex;
    if (ipv4.routeOutput(flow) !== undefined) return null;
    const rt = ipv4.rt as Rtable;
    if (rt.gateway !== 0 || rt.type !== 'unicast') return rt;
    if (this.#of !== rt || this.#via === null) {
      this.#of = rt;
      this.#via = new Rtable(rt);
      this.#via.gateway = gateway;
    }
    return this.#via;
  }
}

/** `tee_tg4()`, `tee_tg6()` */
export function teeAction(t: TeeTarget): Action {
  const way = new TeeRoute();
  return (p) => {
    if (duplicating) return XT_CONTINUE;
    const { skb, hook, indev, outdev, netns } = p;
    const oif = t.oif === undefined ? undefined : netns.devices.byName(t.oif);
    const copy = cloneSkb(skb);
    copy.ct = null;
    copy.ctinfo = IP_CT_UNTRACKED;
    copy.data = copy.nh;
    duplicating = true;
    if (typeof t.gateway === 'number') send4(netns, copy, hook, way.find(netns, t.gateway, oif));
    else send6(netns, copy, hook, t.gateway, oif ?? null);
    duplicating = false;
    p.load(skb, hook, indev, outdev); // the copy may have been looked at in the same place
    return XT_CONTINUE;
  };
}

/** `nf_dup_ipv4()` */
function send4(netns: Netns, skb: SkBuff, hook: number, rt: Rtable | null): void {
  const { buf, nh } = skb;
  put16(buf, nh + FRAG_OFF, get16(buf, nh + FRAG_OFF) | IP_DF);
  if (hook <= LOCAL_IN) put8(buf, nh + TTL, get8(buf, nh + TTL) - 1);
  if (rt === null) {
    netns.drop(skb, 'ip_outnoroutes');
    return;
  }
  skb.dst = rt;
  ipLocalOut(netns.ipv4, skb);
}

/** `nf_dup_ipv6()` */
function send6(
  netns: Netns,
  skb: SkBuff,
  hook: number,
  gateway: Ipv6Addr,
  oif: NetDevice | null,
): void {
  const { buf, nh } = skb;
  if (hook <= LOCAL_IN) put8(buf, nh + HOP_LIMIT, get8(buf, nh + HOP_LIMIT) - 1);
  const way = netns.ipv6.output.flow(gateway, oif, null);
  if (typeof way === 'string') netns.drop(skb, 'ip_outnoroutes');
  else netns.ipv6.output.send(skb, way);
}
