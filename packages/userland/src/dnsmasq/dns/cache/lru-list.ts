import type { CacheEntry } from './cache-entry.ts';

/** Entries in the order in which they were last used. */
export class LruList {
  #newest: CacheEntry | undefined;
  #oldest: CacheEntry | undefined;
  size = 0;

  get oldest(): CacheEntry | undefined {
    return this.#oldest;
  }

  /** Puts an entry in front. */
  add(entry: CacheEntry): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
    this.size++;
  }

  remove(entry: CacheEntry): void {
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
    this.size--;
  }

  /** The newest entries, as long as `matches` holds. */
  firstWhile(matches: (entry: CacheEntry) => boolean): CacheEntry[] {
    const found: CacheEntry[] = [];
    for (let e = this.#newest; e !== undefined && matches(e); e = e.older) found.push(e);
    return found;
  }
}
