export { DhcpAnnouncement } from './announcement.ts';
export { DhcpService } from './dhcp-service.ts';
export { LeaseService } from './lease-service.ts';
