export { NetworkFirewall } from './firewall.ts';
export { MASQUERADE_PORTS } from './network-rules.ts';
