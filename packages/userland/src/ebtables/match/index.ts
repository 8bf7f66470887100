import type { EbtExtension } from '../extension.ts';
import { among } from './among.ts';
import { arp } from './arp.ts';
import { ip, ip6 } from './ip.ts';
import { llc, vlan } from './link.ts';
import { limit, markMatch, pkttype } from './meta.ts';
import { stp } from './stp.ts';
import { log, nflog } from './watcher.ts';

/** All matches and watchers. `ebt_load_match_extensions()` */
export const EBT_MATCHES: readonly EbtExtension[] = [
  llc,
  arp,
  ip,
  ip6,
  markMatch,
  limit,
  pkttype,
  vlan,
  stp,
  among,
  log,
  nflog,
];
