/** Shorter lists are copied when they change: one that `push` or `splice` has made grow keeps room for sixteen more. */
const SHORT = 16;

/** Puts an item into a list. @returns the list, which is another one while it is short */
export function insertAt<T>(list: T[], at: number, item: T): T[] {
  if (list.length >= SHORT) list.splice(at, 0, item);
  else if (at === list.length) return list.concat([item]);
  else return list.slice(0, at).concat([item], list.slice(at));
  return list;
}

/** Takes an item out of a list. @returns the list, which is another one while it is short */
export function removeAt<T>(list: T[], at: number): T[] {
  if (list.length < SHORT) return list.slice(0, at).concat(list.slice(at + 1));
  list.splice(at, 1);
  return list;
}
