/** How fragments of one packet may lie to each other, for both families. RFC 5722; Linux net/ipv4/inet_fragment.c. */

/** Bytes `[start, end)`: fragments that came one behind the other, or a single one that came later. `frag_run_len` */
interface Run {
  readonly start: number;
  end: number;
}

/** A copy of what is there, which is passed over; or one that lies across others, which spoils the packet. */
export type FragVerdict = 'duplicate' | 'overlap' | undefined;

/** What has come of a packet. */
export class FragRuns {
  /** In order; no two share a byte. */
  readonly #runs: Run[] = [];

  /**
   * Adds a fragment, if it may be added. A fragment within one run counts as a copy; one within two runs that touch does not:
   * only what comes at the end makes a run longer. `inet_frag_queue_insert()`
   */
  insert(start: number, end: number): FragVerdict {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.end >= end) return this.#insertBefore(start, end);
    if (last !== undefined && start < last.end) return 'overlap';
    if (last?.end === start) last.end = end;
    else this.#runs.push({ start, end });
    return undefined;
  }

  #insertBefore(start: number, end: number): FragVerdict {
    const hit = this.#runs.find((run) => start < run.end && run.start < end);
    if (hit !== undefined) return start >= hit.start && end <= hit.end ? 'duplicate' : 'overlap';
    const at = this.#runs.findIndex((run) => run.start >= end);
    this.#runs.splice(at, 0, { start, end });
    return undefined;
  }
}
