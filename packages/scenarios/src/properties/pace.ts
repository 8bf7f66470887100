/**
 * The pace of scenarios, in seconds. Labs keep it, too: what kernels draw at random depends on the time, so that a scenario and its
 * lab see the same ports only if they do the same things at the same times.
 */

/** Until those who watch are ready. */
export const LEAD_IN = 0.5;
/** Until everything that a step sets off is over. */
export const SETTLE = 0.3;
