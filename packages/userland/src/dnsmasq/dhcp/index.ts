export { filterOptions, type Tags } from './match/index.ts';
export { hexText } from './option-names/index.ts';
export { DhcpAnnouncement, DhcpService, LeaseService } from './service/index.ts';
