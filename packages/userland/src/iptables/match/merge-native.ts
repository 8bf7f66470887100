import type { XtMatch } from '@labwire/devices/netfilter';

function isNative(m: XtMatch): boolean {
  return (m.kind === 'tcp' || m.kind === 'udp') && Object.keys(m).length > 1;
}

function clash(a: XtMatch, b: XtMatch): boolean {
  return Object.keys(a).some((k) => k !== 'kind' && k in b);
}

/**
 * What nf_tables asks of a TCP or UDP header itself it keeps field by field, so that several such matches come back as
 * one; those that ask of the same field stay apart. iptables/nft-shared.c, nft_create_match()
 */
export function mergeNative(matches: readonly XtMatch[]): XtMatch[] {
  const merged: XtMatch[] = [];
  for (const m of matches) {
    const at = isNative(m)
      ? merged.findIndex((x) => x.kind === m.kind && isNative(x) && !clash(x, m))
      : -1;
    if (at < 0) merged.push(m);
    else merged[at] = { ...merged[at], ...m } as XtMatch;
  }
  return merged;
}
