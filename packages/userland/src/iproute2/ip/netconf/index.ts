export { ipNetconf, netconfManual } from './netconf.ts';
