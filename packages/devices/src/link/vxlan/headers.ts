/** Bytes of a VXLAN header. RFC 7348 section 5 */
export const VXLAN_HLEN = 8;

/** Bytes around a frame: IPv4, UDP and VXLAN headers, and the Ethernet header inside. VXLAN_HEADROOM */
export const VXLAN_HEADROOM = 50;
