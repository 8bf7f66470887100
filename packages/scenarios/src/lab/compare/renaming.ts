/**
 * Which name in a run each name in a document stands for: one to one, by kind, and the same throughout the document.
 */
export class Renaming {
  readonly #run = new Map<string, string>();
  readonly #document = new Map<string, string>();
  readonly #trail: (readonly [document: string, run: string])[] = [];

  /** Lets a document's name stand for a run's. @returns false if one of the two has another partner */
  bind(kind: string, inDocument: string, inRun: string): boolean {
    const [d, r] = [`${kind} ${inDocument}`, `${kind} ${inRun}`];
    const known = this.#run.get(d);
    if (known !== undefined || this.#document.has(r)) return known === r;
    this.#run.set(d, r);
    this.#document.set(r, d);
    this.#trail.push([d, r]);
    return true;
  }

  /** A state to go back to. */
  mark(): number {
    return this.#trail.length;
  }

  /** Forgets what was bound since {@link mark}. */
  rollBack(mark: number): void {
    for (const [d, r] of this.#trail.splice(mark)) {
      this.#run.delete(d);
      this.#document.delete(r);
    }
  }
}
