/** tcpdump prints this after its name and exits with 1. */
export class TcpdumpError extends Error {}
