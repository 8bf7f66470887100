export { NetworkFirewall } from './firewall.ts';
