export { addrManual, ipAddr } from './addr.ts';
