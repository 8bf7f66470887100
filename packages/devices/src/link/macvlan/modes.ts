/** What macvlans of one device send each other. Linux include/uapi/linux/if_link.h, MACVLAN_MODE_*. */
export const MODE_PRIVATE = 1;
export const MODE_VEPA = 2;
export const MODE_BRIDGE = 4;
export const MODE_PASSTHRU = 8;
export const MODE_SOURCE = 16;

/** The device below does not become promiscuous for a passthru. MACVLAN_FLAG_NOPROMISC */
export const FLAG_NOPROMISC = 1;
/** A frame that was taken for its source goes to the device below as well. MACVLAN_FLAG_NODST */
export const FLAG_NODST = 2;

/** What is done with the list of sources. MACVLAN_MACADDR_* */
export const MACADDR_ADD = 0;
export const MACADDR_DEL = 1;
export const MACADDR_FLUSH = 2;
export const MACADDR_SET = 3;
