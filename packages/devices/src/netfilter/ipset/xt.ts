/** `-m set` and `-j SET`. Linux net/netfilter/xt_set.c */
import { KernelError } from '@labwire/core/error';
import type { Action } from '../xt/compile-chain.ts';
import type { SetMatch } from '../xt/match.ts';
import type { Matcher } from '../xt/packet.ts';
import type { SetTarget } from '../xt/target.ts';
import { XT_CONTINUE } from '../xt/verdict.ts';
import { IpSetFault } from './fault.ts';
import { packetInSet, partsOf } from './packet.ts';

/** `set_match_v4()` @throws KernelError EOPNOTSUPP for what is asked beside being there */
export function setMatcher(m: SetMatch): Matcher {
  if (m.options.length > 0)
    throw new KernelError(
      'EOPNOTSUPP',
      `Labwire's -m set has --match-set only, not ${m.options.join(' ')}`,
    );
  return (p) => {
    const all = p.netns.netfilter.ipsets;
    const set = all.find(m.name);
    return set !== undefined && packetInSet(all, set, p, m.dirs) !== m.invert;
  };
}

/** `set_target_v3()` */
export function setAction(t: SetTarget): Action {
  return (p) => {
    const all = p.netns.netfilter.ipsets;
    for (const [what, of] of [
      ['add', t.add],
      ['del', t.del],
    ] as const) {
      const set = of === undefined ? undefined : all.find(of.name);
      const parts =
        set === undefined || of === undefined ? undefined : partsOf(all, set, p, of.dirs);
      if (set === undefined || parts === undefined) continue;
      try {
        if (what === 'del') all.del(set, parts, true);
        else if (t.exist || !all.test(set, parts))
          all.add(set, parts, {
            exist: t.exist,
            ...(t.timeout === undefined ? {} : { timeout: t.timeout }),
          });
      } catch (e) {
        if (!(e instanceof IpSetFault)) throw e; // a full set takes nothing more
      }
    }
    return XT_CONTINUE;
  };
}
