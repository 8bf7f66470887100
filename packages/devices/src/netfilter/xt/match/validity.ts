/** What the kernel asks of single matches when a rule is made: their `checkentry` functions. */
import type { Errno } from '@labwire/core/error';
import type { AddrtypeMatch, OwnerMatch, StringMatch, XtMatch } from '../match.ts';
import { hashlimitProblem } from './hashlimit.ts';
import { recentIsValid } from './recent.ts';

/** Types that IPv6 does not know. */
const NOT_IN_IPV6: readonly string[] = [
  'BROADCAST',
  'BLACKHOLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];
/** Bits of a connection's labels. XT_CONNLABEL_MAXBIT */
const MAX_LABEL = 127;

function owner(m: OwnerMatch): Errno | undefined {
  const backwards = [m.uid, m.gid].some((r) => r !== undefined && r.min > r.max);
  return backwards ? 'EINVAL' : undefined;
}

function addrtype(m: AddrtypeMatch, isIpv6: boolean): Errno | undefined {
  const types = [...(m.source?.in ?? []), ...(m.dest?.in ?? [])];
  return isIpv6 && types.some((t) => NOT_IN_IPV6.includes(t)) ? 'EINVAL' : undefined;
}

/** Searches are bm and kmp; fsm is there too but takes no plain text. */
function string(m: StringMatch): Errno | undefined {
  if (m.from > m.to) return 'EINVAL';
  if (m.algo !== 'bm' && m.algo !== 'kmp') return m.algo === 'fsm' ? 'EINVAL' : 'ENOENT';
  return m.pattern.length === 0 ? 'EINVAL' : undefined;
}

/** Why the kernel does not take a match; undefined if it does. */
export function matchProblem(m: XtMatch, isIpv6: boolean): Errno | undefined {
  switch (m.kind) {
    case 'owner':
      return owner(m);
    case 'addrtype':
      return addrtype(m, isIpv6);
    case 'string':
      return string(m);
    case 'recent':
      return recentIsValid(m) ? undefined : 'EINVAL';
    case 'hashlimit':
      return hashlimitProblem(m, isIpv6);
    case 'connlabel':
      return m.bit > MAX_LABEL ? 'ERANGE' : undefined;
    default:
      return undefined;
  }
}
