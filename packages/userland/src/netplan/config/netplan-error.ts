/** A configuration that netplan does not take; its message is what netplan prints. */
export class NetplanError extends Error {}
