export { ipTuntap } from './tuntap.ts';
