import type { MatchExtension } from '../core/extension.ts';
import * as conntrack from './conntrack/index.ts';
import * as header from './header/index.ts';
import * as ipv6 from './ipv6/index.ts';
import * as origin from './origin/index.ts';
import * as port from './port/index.ts';
import * as rate from './rate/index.ts';

export { mergeNative } from './merge-native.ts';

/** The matches that iptables has here. */
export const MATCHES: readonly MatchExtension[] = [port, header, conntrack, rate, origin, ipv6]
  .flatMap((folder): MatchExtension[] => Object.values(folder))
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Matches of iptables 1.8.9 that Labwire does not have. */
export const ABSENT_MATCHES: readonly string[] = [
  'bpf',
  'cgroup',
  'cluster',
  'ipcomp',
  'ipvs',
  'nfacct',
  'osf',
  'policy',
  'rateest',
  'realm',
  'srh',
];
