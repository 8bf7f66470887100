/** What a rule's target says of a packet. Linux include/uapi/linux/netfilter.h, include/linux/netfilter/x_tables.h. */
export const NF_DROP = 0;
export const NF_ACCEPT = 1;
/** The target has taken the packet. */
export const NF_STOLEN = 2;
/** On with the next rule. */
export const XT_CONTINUE = -1;
/** Back to the calling chain, or to the policy. */
export const XT_RETURN = -5;
