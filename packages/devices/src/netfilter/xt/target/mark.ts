import type { NfConn } from '../../../conntrack/nf-conn.ts';
import type { Action } from '../compile-chain.ts';
import type { MarkTarget } from '../target.ts';
import { XT_CONTINUE } from '../verdict.ts';

/** `mark_tg()` */
export function markAction(t: MarkTarget): Action {
  const keep = ~t.mask;
  return ({ skb }) => {
    skb.mark = ((skb.mark & keep) ^ t.value) >>> 0;
    return XT_CONTINUE;
  };
}

/** `connmark_tg()` */
export function connmarkAction(t: MarkTarget): Action {
  return ({ skb }) => {
    const ct = skb.ct as NfConn | null;
    if (ct === null) return XT_CONTINUE;
    if (t.op === 'set') ct.mark = ((ct.mark & ~t.mask) ^ t.value) >>> 0;
    else if (t.op === 'save') ct.mark = ((ct.mark & ~t.mask) ^ (skb.mark & t.nfmask)) >>> 0;
    else skb.mark = ((skb.mark & ~t.nfmask) ^ (ct.mark & t.mask)) >>> 0;
    return XT_CONTINUE;
  };
}
