/** Port states by the kernel's numbers. Linux include/uapi/linux/if_bridge.h, IEEE 802.1D-1998 section 8.4. */
export const PORT_STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

/** What a port does with frames. */
export type PortState = (typeof PORT_STATES)[number];

/** The kernel's number of a state. BR_STATE_* */
export function portStateNumber(state: PortState): number {
  return PORT_STATES.indexOf(state);
}
