export { dhcpPrint } from './dhcp.ts';
export { dhcp6Print } from './dhcp6.ts';
