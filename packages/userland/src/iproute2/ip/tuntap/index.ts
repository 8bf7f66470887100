export { ipTuntap, tuntapManual } from './tuntap.ts';
