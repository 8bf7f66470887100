/** Statements that count. Linux net/netfilter/nft_counter.c, nft_limit.c, nft_quota.c, nft_connlimit.c */
import { ConnCount } from '../../../conntrack/conncount.ts';
import { NF_DROP } from '../../xt/verdict.ts';
import { NftFault } from '../api/fault.ts';
import type { NftCounter, NftCtCount, NftLimit, NftQuota } from '../data/index.ts';
import type { Step } from '../expr/index.ts';
import { NFT_BREAK, NFT_CONTINUE } from '../verdict.ts';

const SECOND = 1_000_000_000;
const MAX_U64 = 2 ** 64;

/** `nft_counter_do_eval()` */
export function counterStep(s: NftCounter): Step {
  return (p) => {
    s.packets++;
    s.bytes += p.len;
    return NFT_CONTINUE;
  };
}

/** A bucket of nanoseconds that fills with time and that each packet takes its cost from. `nft_limit_eval()` */
export function limitStep(s: NftLimit): Step {
  if (s.unit * SECOND * (s.rate + s.burst) > MAX_U64) throw new NftFault('EOVERFLOW');
  const period = s.unit * SECOND;
  const perPacket = Math.floor(period / s.rate);
  const max =
    s.of === 'packets' ? perPacket * s.burst : Math.floor((period * (s.rate + s.burst)) / s.rate);
  const state = s as { tokens?: number; last?: number };
  return (p) => {
    const { now } = p.netns.sim;
    const cost = s.of === 'packets' ? perPacket : Math.floor((period * p.len) / s.rate);
    const tokens = Math.min(max, (state.tokens ?? max) + now - (state.last ?? now));
    state.last = now;
    const within = tokens >= cost;
    state.tokens = within ? tokens - cost : tokens;
    return within !== s.over ? NFT_CONTINUE : NFT_BREAK;
  };
}

/** `nft_quota_do_eval()` */
export function quotaStep(s: NftQuota): Step {
  return (p) => {
    s.used += p.len;
    return s.used > s.bytes === s.over ? NFT_CONTINUE : NFT_BREAK;
  };
}

/** `nft_connlimit_do_eval()` */
export function ctCountStep(s: NftCtCount): Step {
  let conns: ConnCount | undefined;
  return (p) => {
    conns ??= new ConnCount(p.netns.netfilter.conntrack);
    if (!conns.add(p.skb, p.isIpv6)) return NF_DROP;
    return conns.count > s.count === s.over ? NFT_CONTINUE : NFT_BREAK;
  };
}
