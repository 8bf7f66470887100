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

/** The last list of one address that one wants: most devices begin with the same, 224.0.0.1. */
let lastOne: UserCounts = [0, 1];

function listOfOne(addr: number): UserCounts {
  if (lastOne[0] !== addr) lastOne = [addr, 1];
  return lastOne;
}

/** The same with another count for an address, which is not in the list without users. */
export function withUsers(counts: UserCounts, addr: number, users: number): UserCounts {
  if (counts.length === 0 && users === 1) return listOfOne(addr);
  const i = indexOf(counts, addr);
  const before = i < 0 ? counts : counts.slice(0, i);
  const behind = i < 0 ? [] : counts.slice(i + 2);
  return users === 0 ? before.concat(behind) : before.concat([addr, users], behind);
}

/** The addresses that are wanted. */
export function usedAddrs(counts: UserCounts): number[] {
  return counts.filter((_, i) => i % 2 === 0);
}
