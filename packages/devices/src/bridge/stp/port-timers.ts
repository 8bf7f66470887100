/** Timers of a port, IEEE 802.1D-1998 section 8.5.6. */
export const MESSAGE_AGE_TIMER = 0;
export const FORWARD_DELAY_TIMER = 1;
export const HOLD_TIMER = 2;
