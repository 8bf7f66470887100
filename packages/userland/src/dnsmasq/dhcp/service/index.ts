export { DhcpAnnouncement } from './announcement.ts';
export { DhcpService } from './dhcp-service.ts';
export { Dhcp6Service } from './dhcp6-service.ts';
export { LeaseService } from './lease-service.ts';
