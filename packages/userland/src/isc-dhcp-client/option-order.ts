/**
 * The order in which dhclient goes through options: a hash table whose chains have the option stored last in front. It
 * is what lease files and messages show. includes/tree.h, compute_option_hash(); common/options.c, save_hashed_option()
 */

const BUCKETS = 17;

function bucket(code: number): number {
  return ((code & 31) + ((code >> 5) & 31)) % BUCKETS;
}

/** Options in the order of the table that they were stored in one after the other. */
export function inTableOrder<T extends { readonly code: number }>(stored: readonly T[]): T[] {
  const chains: T[][] = Array.from({ length: BUCKETS }, () => []);
  for (const option of stored) (chains[bucket(option.code)] as T[]).unshift(option);
  return chains.flat();
}
