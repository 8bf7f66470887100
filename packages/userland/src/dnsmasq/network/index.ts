export { isServed, nameFits } from './access.ts';
export type { LocalAddress, ServedAddress } from './interface.ts';
export { joinMulticast } from './join-multicast.ts';
export { type Listener, Network } from './network.ts';
export { NetworkWatch } from './network-watch.ts';
export { isPrivateNet } from './private-net.ts';
