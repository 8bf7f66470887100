import { IPCT_MARK, type NfConn } from '../../../conntrack/nf-conn.ts';
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

/** What --left-shift-mark and --right-shift-mark do to a mark. */
function shifted(mark: number, shift: MarkTarget['shift']): number {
  if (shift === undefined) return mark;
  return shift.dir === 'left' ? (mark << shift.bits) >>> 0 : mark >>> shift.bits;
}

/** `connmark_tg_shift()` */
export function connmarkAction(t: MarkTarget): Action {
  const { shift } = t;
  return ({ skb }) => {
    const ct = skb.ct as NfConn | null;
    if (ct === null) return XT_CONTINUE;
    const before = ct.mark;
    if (t.op === 'set') ct.mark = shifted(((ct.mark & ~t.mask) ^ t.value) >>> 0, shift);
    else if (t.op === 'save')
      ct.mark = ((ct.mark & ~t.mask) ^ shifted((skb.mark & t.nfmask) >>> 0, shift)) >>> 0;
    else skb.mark = ((skb.mark & ~t.nfmask) ^ shifted((ct.mark & t.mask) >>> 0, shift)) >>> 0;
    if (ct.mark !== before) ct.pending |= IPCT_MARK;
    return XT_CONTINUE;
  };
}
