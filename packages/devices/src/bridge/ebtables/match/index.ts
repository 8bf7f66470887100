import type { EbtMatcher } from '../frame.ts';
import type { EbtMatch } from '../match.ts';
import { arpMatcher } from './arp.ts';
import {
  amongMatcher,
  limitMatcher,
  llcMatcher,
  markMatcher,
  pkttypeMatcher,
  vlanMatcher,
} from './frame.ts';
import { ip6Matcher, ipMatcher } from './ip.ts';
import { stpMatcher } from './stp.ts';

export { basicHolds, etherTypeOf } from './basic.ts';

/** Makes a match's function. */
export function ebtMatcher(m: EbtMatch): EbtMatcher {
  switch (m.kind) {
    case 'ip':
      return ipMatcher(m);
    case 'ip6':
      return ip6Matcher(m);
    case 'arp':
      return arpMatcher(m);
    case 'vlan':
      return vlanMatcher(m);
    case '802_3':
      return llcMatcher(m);
    case 'pkttype':
      return pkttypeMatcher(m);
    case 'mark_m':
      return markMatcher(m);
    case 'limit':
      return limitMatcher(m);
    case 'stp':
      return stpMatcher(m);
    case 'among':
      return amongMatcher(m);
  }
}
