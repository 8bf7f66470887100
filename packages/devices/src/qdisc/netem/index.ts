export { Netem } from './netem.ts';
