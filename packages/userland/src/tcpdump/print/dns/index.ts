export { dnsPrint } from './dns.ts';
export { fqdnPrint } from './fqdn.ts';
