/** Elements of sets: adding, finding, taking away. Linux net/netfilter/nf_tables_api.c, nft_add_set_elem(). */
import { elementName, type NftElement, type NftExpr, type NftSet } from '../data/index.ts';
import { NftFault } from './fault.ts';
import type { UndoLog } from './undo.ts';

/** Whether two elements of an interval set have a value in common. */
function overlap(a: NftElement, b: NftElement): boolean {
  return (
    a.key.length === b.key.length &&
    a.key.length > 0 &&
    a.key.every((k, i) => k.lo <= (b.key[i]?.hi ?? -1n) && k.hi >= (b.key[i]?.lo ?? 0n))
  );
}

function sameData(a: NftExpr | undefined, b: NftExpr | undefined): boolean {
  const flat = (e: NftExpr | undefined): string =>
    JSON.stringify(e, (_, v) => (typeof v === 'bigint' ? v.toString() : v)) ?? '';
  return flat(a) === flat(b);
}

/** What takes an element's place in the map of elements, sorted on demand. */
function touch(set: NftSet, undo: UndoLog): void {
  set.version++;
  undo.add(() => {
    set.version++;
  });
}

/**
 * Adds an element. One that is there already is left as it is, unless it has other data or must be new.
 * @throws NftFault EEXIST, EINVAL (an interval that crosses another), ENFILE as ENOSPC (the set is full)
 */
export function addElement(set: NftSet, e: NftElement, isNew: boolean, undo: UndoLog): void {
  const name = elementName(e.key);
  const there = set.elements.get(name);
  if (there !== undefined) {
    if (isNew || !sameData(there.data, e.data) || there.object !== e.object)
      throw new NftFault('EEXIST');
    return;
  }
  if (set.interval && crosses(set, e)) throw new NftFault('EEXIST');
  if (set.size !== undefined && set.elements.size >= set.size) throw new NftFault('ENOSPC');
  set.elements.set(name, e);
  undo.add(() => void set.elements.delete(name));
  touch(set, undo);
}

function crosses(set: NftSet, e: NftElement): boolean {
  for (const other of set.elements.values()) if (overlap(other, e)) return true;
  return false;
}

/** The element that a request names; in an interval set, for a single value, the one that has it. @throws NftFault ENOENT */
export function getElement(set: NftSet, key: NftElement['key']): NftElement {
  const exact = set.elements.get(elementName(key));
  if (exact !== undefined) return exact;
  if (set.interval) {
    for (const e of set.elements.values())
      if (
        e.key.length > 0 &&
        e.key.every((k, i) => k.lo <= (key[i]?.lo ?? -1n) && k.hi >= (key[i]?.hi ?? k.hi + 1n))
      )
        return e;
  }
  throw new NftFault('ENOENT');
}

/** Takes an element away. @throws NftFault ENOENT */
export function deleteElement(set: NftSet, key: NftElement['key'], undo: UndoLog): void {
  const name = elementName(key);
  if (!set.elements.has(name)) throw new NftFault('ENOENT');
  undo.put(set.elements, name, undefined);
  touch(set, undo);
}

/** Takes all elements away. */
export function flushElements(set: NftSet, undo: UndoLog): void {
  const before = [...set.elements];
  set.elements.clear();
  undo.add(() => {
    for (const [k, v] of before) set.elements.set(k, v);
  });
  touch(set, undo);
}
