/** BOND_MODE_*. Linux include/uapi/linux/if_bonding.h. */
export const MODE_ROUNDROBIN = 0;
export const MODE_ACTIVEBACKUP = 1;
export const MODE_XOR = 2;
export const MODE_BROADCAST = 3;

/** BOND_LINK_*: what a bond thinks of a port's link. */
export const LINK_UP = 0;
export const LINK_FAIL = 1;
export const LINK_DOWN = 2;
export const LINK_BACK = 3;

/** BOND_XMIT_POLICY_* */
export const POLICY_LAYER2 = 0;
export const POLICY_LAYER34 = 1;
export const POLICY_LAYER23 = 2;

/** BOND_PRI_RESELECT_* */
export const RESELECT_ALWAYS = 0;
export const RESELECT_BETTER = 1;
