export { DnsService } from './dns-service.ts';
