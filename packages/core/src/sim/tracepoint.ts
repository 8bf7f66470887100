/** A place where something can be watched. Free while nobody listens: guard costly arguments with {@link active}. */
export class Tracepoint<A extends readonly unknown[]> {
  #listeners: ((...args: A) => void)[] = [];
  /** Whether anybody listens. */
  active = false;

  /** Calls `fn` at each {@link emit}. @returns what stops that. */
  listen(fn: (...args: A) => void): () => void {
    this.#listeners = [...this.#listeners, fn];
    this.active = true;
    return () => {
      this.#listeners = this.#listeners.filter((l) => l !== fn);
      this.active = this.#listeners.length > 0;
    };
  }

  /** Tells the listeners, in the order in which they came. */
  emit(...args: A): void {
    for (const fn of this.#listeners) fn(...args);
  }
}
