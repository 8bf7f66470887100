export { endpoints, ipAddresses, pseudoSum } from './ip-header.ts';
export { ip4Print } from './ip4.ts';
export { ip6Print } from './ip6.ts';
