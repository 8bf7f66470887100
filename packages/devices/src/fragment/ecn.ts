const NOT_ECT = 1;
const CE = 8;
const INET_ECN_CE = 3;

/**
 * ECN bits to add to those of the whole: congestion that one fragment met, all have met.
 * @param seen a bit for each value that a fragment had
 * @returns -1 if they cannot be of one packet. RFC 3168 section 5.3, `ip_frag_ecn_table[]`
 */
export function joinedEcn(seen: number): number {
  if ((seen & NOT_ECT) !== 0 && seen !== NOT_ECT) return -1;
  return (seen & CE) !== 0 && seen !== CE ? INET_ECN_CE : 0;
}
