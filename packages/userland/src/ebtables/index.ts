export { ebtablesPackage } from './package.ts';
export { etherAton, ipText, plainMac, readIp, readMac } from './values.ts';
