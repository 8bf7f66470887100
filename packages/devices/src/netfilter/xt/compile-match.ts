import { KernelError } from '@labwire/core/error';
import { setMatcher } from '../ipset/xt.ts';
import { addrtypeMatcher } from './match/addrtype.ts';
import { connlimitMatcher } from './match/connlimit.ts';
import {
  connbytesMatcher,
  connlabelMatcher,
  connmarkMatcher,
  conntrackMatcher,
  helperMatcher,
  stateMatcher,
} from './match/conntrack.ts';
import { hashlimitMatcher } from './match/hashlimit.ts';
import {
  dscpMatcher,
  ecnMatcher,
  lengthMatcher,
  tosMatcher,
  ttlMatcher,
} from './match/header-fields.ts';
import { icmpMatcher } from './match/icmp.ts';
import { iprangeMatcher } from './match/iprange.ts';
import {
  ah6Matcher,
  eui64Matcher,
  fragMatcher,
  ipv6headerMatcher,
  mhMatcher,
  optionsMatcher,
  rtMatcher,
} from './match/ipv6/index.ts';
import { limitMatcher } from './match/limit.ts';
import { macMatcher } from './match/mac.ts';
import { markMatcher } from './match/mark.ts';
import { multiportMatcher } from './match/multiport.ts';
import { ownerMatcher } from './match/owner.ts';
import { physdevMatcher } from './match/physdev.ts';
import { pkttypeMatcher } from './match/pkttype.ts';
import { recentMatcher } from './match/recent.ts';
import {
  cpuMatcher,
  devgroupMatcher,
  quotaMatcher,
  spiMatcher,
  tcpmssMatcher,
} from './match/rest.ts';
import { rpfilterMatcher } from './match/rpfilter.ts';
import { dccpMatcher, sctpMatcher } from './match/sctp.ts';
import { statisticMatcher } from './match/statistic.ts';
import { stringMatcher } from './match/string.ts';
import { tcpMatcher } from './match/tcp.ts';
import { timeMatcher } from './match/time.ts';
import { u32Matcher } from './match/u32.ts';
import { udpMatcher } from './match/udp.ts';
import { matchProblem } from './match/validity.ts';
import type { XtMatch } from './match.ts';
import type { Matcher } from './packet.ts';
import type { XtShared } from './xt-shared.ts';

/**
 * Makes the function that asks a packet a match's question; made once, when the rule is.
 * @throws {@link KernelError} what the kernel refuses it with; EOPNOTSUPP for what Labwire can print but not act on
 */
export function compileMatch(m: XtMatch, shared: XtShared): Matcher {
  const errno = matchProblem(m, shared.isIpv6);
  if (errno !== undefined) throw new KernelError(errno);
  switch (m.kind) {
    case 'tcp':
      return tcpMatcher(m);
    case 'udp':
      return udpMatcher(m);
    case 'icmp':
    case 'icmp6':
      return icmpMatcher(m);
    case 'multiport':
      return multiportMatcher(m);
    case 'conntrack':
      return conntrackMatcher(m);
    case 'state':
      return stateMatcher(m);
    case 'mark':
      return markMatcher(m);
    case 'connmark':
      return connmarkMatcher(m);
    case 'mac':
      return macMatcher(m);
    case 'limit':
      return limitMatcher(m);
    case 'hashlimit':
      return hashlimitMatcher(m, shared.hashlimitTable(m));
    case 'recent':
      return recentMatcher(m, shared.recentTable(m.name));
    case 'connbytes':
      return connbytesMatcher(m);
    case 'connlabel':
      return connlabelMatcher(m);
    case 'connlimit':
      return connlimitMatcher(m);
    case 'addrtype':
      return addrtypeMatcher(m);
    case 'iprange':
      return iprangeMatcher(m);
    default:
      return compileHeaderMatch(m, shared);
  }
}

function compileHeaderMatch(m: XtMatch, shared: XtShared): Matcher {
  switch (m.kind) {
    case 'length':
      return lengthMatcher(m);
    case 'ttl':
    case 'hl':
      return ttlMatcher(m);
    case 'tos':
      return tosMatcher(m);
    case 'dscp':
      return dscpMatcher(m);
    case 'ecn':
      return ecnMatcher(m);
    case 'owner':
      return ownerMatcher(m);
    case 'physdev':
      return physdevMatcher(m);
    case 'pkttype':
      return pkttypeMatcher(m);
    case 'statistic':
      return statisticMatcher(m);
    case 'string':
      return stringMatcher(m);
    case 'time':
      return timeMatcher(m, shared.epoch);
    case 'comment':
      return () => true;
    case 'u32':
      return u32Matcher(m);
    default:
      return compileRareMatch(m, shared);
  }
}

function compileRareMatch(m: XtMatch, shared: XtShared): Matcher {
  switch (m.kind) {
    case 'ah':
      return shared.isIpv6 ? ah6Matcher(m) : spiMatcher(m);
    case 'esp':
      return spiMatcher(m);
    case 'helper':
      return helperMatcher(m);
    case 'quota':
      return quotaMatcher(m);
    case 'tcpmss':
      return tcpmssMatcher(m);
    case 'cpu':
      return cpuMatcher(m);
    case 'devgroup':
      return devgroupMatcher(m);
    case 'sctp':
      return sctpMatcher(m);
    case 'dccp':
      return dccpMatcher(m);
    case 'rpfilter':
      return rpfilterMatcher(m);
    default:
      return compileIpv6Match(m);
  }
}

function compileIpv6Match(m: XtMatch): Matcher {
  switch (m.kind) {
    case 'set':
      return setMatcher(m);
    case 'frag':
      return fragMatcher(m);
    case 'hbh':
    case 'dst':
      return optionsMatcher(m);
    case 'rt':
      return rtMatcher(m);
    case 'ipv6header':
      return ipv6headerMatcher(m);
    case 'eui64':
      return eui64Matcher();
    case 'mh':
      return mhMatcher(m);
    default:
      throw new KernelError('EOPNOTSUPP', `Labwire does not act on match ${m.kind}`);
  }
}
