/** Expressions that say which protocol follows. src/payload.c */
import type { NftExpr } from '@labwire/devices/netfilter';

/** Whether an expression names a header's protocol. EXPR_F_PROTOCOL */
export function isProtocolKey(e: NftExpr): boolean {
  if (e.kind === 'meta') return ['l4proto', 'nfproto', 'protocol', 'iiftype'].includes(e.key);
  if (e.kind !== 'payload') return false;
  const key = `${e.proto} ${e.field}`;
  return [
    'ether type',
    'vlan type',
    'ip protocol',
    'ip6 nexthdr',
    'icmp type',
    'icmpv6 type',
    'ah nexthdr',
    'comp nexthdr',
  ].includes(key);
}
