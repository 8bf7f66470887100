/** A point in simulated time or a duration: whole nanoseconds, exact in a double for 104 days. */
export type Nanos = number;

/** One microsecond. */
export const US: Nanos = 1_000;
/** One millisecond. */
export const MS: Nanos = 1_000_000;
/** One second. */
export const SEC: Nanos = 1_000_000_000;
