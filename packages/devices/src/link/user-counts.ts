/**
 * How many want each of a few addresses, in the order in which they came: address and count by turns. Replaced, never
 * changed in place. A Map of one address is three times as large, and every device has such a list or two.
 */
export type UserCounts = readonly number[];

/** Nobody wants any. */
export const NO_USERS: UserCounts = [];

function indexOf(counts: UserCounts, addr: number): number {
  for (let i = 0; i < counts.length; i += 2) if (counts[i] === addr) return i;
  return -1;
}

/** How many want an address. */
export function usersOf(counts: UserCounts, addr: number): number {
  const i = indexOf(counts, addr);
  return i < 0 ? 0 : (counts[i + 1] as number);
}

/** The same with another count for an address, which is not in the list without users. */
export function withUsers(counts: UserCounts, addr: number, users: number): UserCounts {
  const i = indexOf(counts, addr);
  const before = i < 0 ? counts : counts.slice(0, i);
  const behind = i < 0 ? [] : counts.slice(i + 2);
  return users === 0 ? before.concat(behind) : before.concat([addr, users], behind);
}

/** The addresses that are wanted. */
export function usedAddrs(counts: UserCounts): number[] {
  return counts.filter((_, i) => i % 2 === 0);
}
