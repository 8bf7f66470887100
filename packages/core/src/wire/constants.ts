/** EtherTypes. Linux include/uapi/linux/if_ether.h. */
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
export const ETH_P_8021AD = 0x88a8;
export const ETH_P_LLDP = 0x88cc;
/** The smallest value that is an EtherType; what is less is the length of an IEEE 802.3 frame. */
export const ETH_P_802_3_MIN = 0x0600;
/** What Linux calls a frame whose type field is a length: IEEE 802.2 LLC follows. */
export const ETH_P_802_2 = 0x0004;
/** Every protocol: what a packet socket that captures is bound to. */
export const ETH_P_ALL = 0x0003;

/** Protocol numbers. IANA; Linux include/uapi/linux/in.h and in6.h. */
export const IPPROTO_HOPOPTS = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_IPIP = 4;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ROUTING = 43;
export const IPPROTO_FRAGMENT = 44;
export const IPPROTO_GRE = 47;
export const IPPROTO_ESP = 50;
export const IPPROTO_AH = 51;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_NONE = 59;
export const IPPROTO_DSTOPTS = 60;
export const IPPROTO_SCTP = 132;
export const IPPROTO_UDPLITE = 136;
export const IPPROTO_RAW = 255;
