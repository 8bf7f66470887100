/** What rules say of a packet beside NF_ACCEPT, NF_DROP and NF_STOLEN. Linux include/uapi/linux/netfilter/nf_tables.h, `enum nft_verdicts` */

/** On with the next statement, or the next rule. */
export const NFT_CONTINUE = -1;
/** The rule does not hold: on with the next. */
export const NFT_BREAK = -2;
/** Back to the calling chain, or to the policy. */
export const NFT_RETURN = -5;
