/** Flags of TUNSETIFF. Linux include/uapi/linux/if_tun.h. */
export const IFF_TUN = 0x0001;
export const IFF_TAP = 0x0002;
export const IFF_MULTI_QUEUE = 0x0100;
export const IFF_PERSIST = 0x0800;
/** No packet information before each frame; a reader that leaves it out gets four bytes more. */
export const IFF_NO_PI = 0x1000;
/** Kept to be shown; it has had no meaning since Linux 2.6.27. */
export const IFF_ONE_QUEUE = 0x2000;
export const IFF_VNET_HDR = 0x4000;
/** Refuses a device that is there. */
export const IFF_TUN_EXCL = 0x8000;

/** The flags that whoever attaches last sets anew. TUN_FEATURES */
export const TUN_FEATURES: number = IFF_NO_PI | IFF_ONE_QUEUE | IFF_VNET_HDR | IFF_MULTI_QUEUE;
/** Queues that a device with {@link IFF_MULTI_QUEUE} may have. MAX_TAP_QUEUES */
export const MAX_TAP_QUEUES = 256;
