export { dnsmasq, dnsmasqBase } from './package.ts';
