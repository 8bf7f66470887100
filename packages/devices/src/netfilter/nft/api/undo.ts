/** What a batch of requests has changed so far, to be taken back if one of them is refused. `__nf_tables_abort()` */
export class UndoLog {
  #steps: (() => void)[] = [];

  /** Notes how to take back what was just done. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Takes everything back, the last first. */
  abort(): void {
    for (const step of this.#steps.reverse()) step();
    this.#steps = [];
  }

  /** Sets a key of a map, or takes it away (undefined), keeping the map's order when taken back. */
  put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
    const before = [...map];
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    this.add(() => {
      map.clear();
      for (const [k, v] of before) map.set(k, v);
    });
  }

  /** Puts other rules in place of `remove` ones. */
  splice<T>(list: T[], at: number, remove: number, ...items: T[]): void {
    const gone = list.splice(at, remove, ...items);
    this.add(() => void list.splice(at, items.length, ...gone));
  }
}
