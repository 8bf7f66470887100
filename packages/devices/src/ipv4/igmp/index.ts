export { Igmp } from './igmp.ts';
