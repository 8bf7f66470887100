import { put32, put48 } from '@labwire/core/bytes';
import type { SkBuff } from '@labwire/core/skb';
import { NF_ACCEPT, NF_DROP, XT_CONTINUE, XT_RETURN } from '../netfilter/index.ts';
import type { ArpMangle, ArpTarget } from './rule.ts';

/** Does something to a message whose header is at `skb.data`. @returns NF_ACCEPT, NF_DROP, XT_CONTINUE or XT_RETURN */
export type ArpAct = (skb: SkBuff) => number;

const VERDICTS = {
  ACCEPT: NF_ACCEPT,
  DROP: NF_DROP,
  RETURN: XT_RETURN,
  CONTINUE: XT_CONTINUE,
} as const;

/** `target()` of arpt_mangle.c: the addresses are of Ethernet and IPv4, as the rule has made sure. */
function mangle({ ipSrc, ipDst, macSrc, macDst, verdict }: ArpMangle): ArpAct {
  const said = VERDICTS[verdict];
  return ({ buf, data }) => {
    if (macSrc !== undefined) put48(buf, data + 8, macSrc);
    if (ipSrc !== undefined) put32(buf, data + 14, ipSrc);
    if (macDst !== undefined) put48(buf, data + 18, macDst);
    if (ipDst !== undefined) put32(buf, data + 24, ipDst);
    return said;
  };
}

/** Makes a target's function; undefined for one that leads to a chain. */
export function arpAct(t: ArpTarget | undefined): ArpAct | undefined {
  if (t === undefined) return () => XT_CONTINUE;
  if (typeof t === 'string') return () => VERDICTS[t];
  switch (t.kind) {
    case 'jump':
      return undefined;
    case 'mangle':
      return mangle(t);
    case 'MARK':
      return (skb) => {
        skb.mark = ((skb.mark & ~t.mask) ^ t.value) >>> 0;
        return XT_CONTINUE;
      };
    case 'CLASSIFY':
      return (skb) => {
        skb.priority = t.priority;
        return XT_CONTINUE;
      };
  }
}
