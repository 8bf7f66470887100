import type { TargetExtension } from '../core/extension.ts';
import { checksum } from './checksum.ts';
import { classify } from './classify.ts';
import { connmark } from './connmark.ts';
import { ct, notrack } from './ct.ts';
import { dnat } from './dnat.ts';
import { dscp } from './dscp.ts';
import { ecn } from './ecn.ts';
import { log } from './log.ts';
import { mark } from './mark.ts';
import { masquerade } from './masquerade.ts';
import { netmap } from './netmap.ts';
import { nflog } from './nflog.ts';
import { nfqueue } from './nfqueue.ts';
import { redirect } from './redirect.ts';
import { reject } from './reject.ts';
import { set } from './set.ts';
import { snat } from './snat.ts';
import { tcpmss4, tcpmss6 } from './tcpmss.ts';
import { tcpoptstrip } from './tcpoptstrip.ts';
import { tee } from './tee.ts';
import { tos } from './tos.ts';
import { tproxy } from './tproxy.ts';
import { trace } from './trace.ts';
import { hl, ttl } from './ttl.ts';

export { ABSENT_TARGETS } from './absent.ts';

/** The targets that iptables has here. */
export const TARGETS: readonly TargetExtension[] = [
  checksum,
  classify,
  connmark,
  ct,
  dnat,
  dscp,
  ecn,
  hl,
  log,
  mark,
  masquerade,
  netmap,
  nflog,
  nfqueue,
  notrack,
  redirect,
  reject,
  set,
  snat,
  tcpmss4,
  tcpmss6,
  tcpoptstrip,
  tee,
  tos,
  tproxy,
  trace,
  ttl,
];
