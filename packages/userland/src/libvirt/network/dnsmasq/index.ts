export { DNSMASQ_DIR, DnsmasqRunner, macsFileOf, statusFileOf } from './dnsmasq.ts';
