export { filterOptions, type Tags } from './match/index.ts';
export { hexText } from './option-names/index.ts';
export { Dhcp6Service, DhcpAnnouncement, DhcpService, LeaseService } from './service/index.ts';
